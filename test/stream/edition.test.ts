import assert from 'node:assert/strict';
import {
  decodeEdition,
  editionAtWork,
  encodeEdition,
  known,
  membersAtWork,
  type Edition,
} from '../../stream/edition.ts';

const edition = (id: string, since: number, keys: readonly string[] | 'any', fields = ['a']): Edition => ({
  ...{ name: 'plant', id, since },
  ...{ keys: known(keys), fields: known(fields) },
});
const many = Array.from({ length: 10_000 }, (_, index) => `asset ${index}`);
const atWork = (...editions: (Edition | undefined)[]): string | undefined => editionAtWork(editions)?.id;

describe('stream/edition', () => {
  it('lets the edition work that knows all that another knows, and more, whichever is older', () => {
    const small = edition('small', 1, ['S1']);
    const large = edition('large', 2, ['S1', 'S2']);
    assert.equal(atWork(small, large), 'large');
    assert.equal(atWork(large, small), 'large');
    assert.equal(atWork(small, edition('tag', 2, ['S1'], ['a', 'b'])), 'tag');
    assert.equal(atWork(small, edition('any', 2, 'any')), 'any');
    assert.equal(atWork(small, edition('fewer tags', 2, 'any', [])), 'small');
  });

  it('lets the older edition work when none knows all that the other knows, or both the same', () => {
    assert.equal(atWork(edition('b', 1, ['S1']), edition('a', 2, ['S2'])), 'b');
    assert.equal(atWork(edition('b', 3, ['S1']), edition('a', 2, ['S1'])), 'a');
    const other = { ...edition('other', 2, ['S1', 'S2']), name: 'other plant' };
    assert.equal(atWork(edition('b', 1, ['S1']), other), 'b');
    assert.equal(atWork(other, edition('b', 1, ['S1']), edition('b', 9, ['S1'])), 'b');
  });

  it('chooses the same edition in whichever order the members come', () => {
    const three = [edition('a', 2, ['1', '2']), edition('b', 2, ['2', '3']), edition('c', 1, ['2'])];
    const chosen = new Set(
      [
        [0, 1, 2],
        [2, 1, 0],
        [1, 0, 2],
      ].map((order) => atWork(...order.map((i) => three[i]))),
    );
    assert.deepEqual([...chosen], ['a']);
  });

  it('knows which of two has more, however many names they have, in an entry of bounded size', () => {
    const all = edition('all', 2, [...many, 'one more']);
    assert.equal(atWork(edition('many', 1, many), all), 'all');
    assert.ok(encodeEdition(all).length < 15_000);
  });

  it('makes members without an edition wait for those with one, and share among themselves', () => {
    const member = (id: string, runs: Edition | undefined) => ({ id, edition: runs });
    const ids = (...members: ReturnType<typeof member>[]): string[] =>
      membersAtWork(members).map(({ id }) => id);
    assert.deepEqual(ids(member('a', undefined), member('b', undefined)), ['a', 'b']);
    assert.deepEqual(ids(member('a', undefined), member('b', edition('x', 1, []))), ['b']);
  });

  it('reads what it has written, and nothing else', () => {
    for (const one of [edition('x', 1, 'any'), edition('y', 2, many)])
      assert.deepEqual(decodeEdition(encodeEdition(one)), one);
    for (const text of [
      '',
      'null',
      '[]',
      '7',
      '{',
      '{"name":"a"}',
      '{"name":"a","id":"b","since":1,"keys":{}}',
    ])
      assert.equal(decodeEdition(Buffer.from(text)), undefined);
    assert.equal(decodeEdition(null), undefined);
  });
});
