/** How many records that the database refuses may become dead letters. */
import assert from 'node:assert/strict';
import { RefusalLimit, type Fated } from '../../../../sinks/timescale/writing/refusal-limit.ts';
import { NamedRandom } from '../../../../base/random.ts';

const refused = { reason: 'refused' } as const;
const undecodable = { reason: 'undecodable' } as const;

const fate = (key: string, fault?: Fated['fault']): Fated => ({
  record: { offset: 0, key: Buffer.from(key), producerId: 7 },
  fault,
});

/** Judges and counts parts of the records, one after another. @returns the number that were counted, and why no more */
function pass(
  limit: RefusalLimit,
  records: readonly Fated[],
  part = 1,
): { readonly counted: number; readonly why: string | undefined } {
  for (let at = 0; at < records.length; at += part) {
    const judged = records.slice(at, at + part);
    const why = judged.some(({ fault }) => fault === refused) ? limit.exceededBy(judged) : undefined;
    if (why !== undefined) return { counted: at, why };
    limit.count(judged);
  }
  return { counted: records.length, why: undefined };
}

describe('the limit of refusals', () => {
  it('is five in a row, however many were stored before', () => {
    const limit = new RefusalLimit();
    const good = Array.from({ length: 2_000 }, () => fate('a'));
    assert.equal(pass(limit, good, 100).counted, 2_000);
    const bad = Array.from({ length: 20 }, (_, n) => fate(`a${n % 4}`, refused));
    assert.deepEqual(pass(limit, bad), { counted: 5, why: '6 of the last 6 records' });
  });

  it('is half of the records that are judged together', () => {
    const mixed = (share: number): Fated[] =>
      Array.from({ length: 400 }, (_, n) => fate(`a${n % 4}`, n < share * 400 ? refused : undefined));
    assert.equal(new RefusalLimit().exceededBy(mixed(0.5)), undefined);
    assert.equal(new RefusalLimit().exceededBy(mixed(0.51)), '204 of the last 400 records');
  });

  it('counts records that cannot be decoded only among many', () => {
    const limit = new RefusalLimit();
    const junk = Array.from({ length: 60 }, (_, n) => fate(`a${n % 4}`, undecodable));
    limit.count(junk);
    assert.equal(pass(limit, [fate('a', refused), fate('a'), fate('a', refused)]).why, undefined);
    const later = Array.from({ length: 60 }, (_, n) => fate(`a${n % 4}`, n % 3 === 0 ? refused : undefined));
    assert.match(pass(limit, later).why ?? '', /of the last 100 records/);
  });

  it('holds for the others when one key of seven is refused, in any order, and leaves that key out', () => {
    const random = new NamedRandom('one key of seven');
    const limit = new RefusalLimit();
    const records = Array.from({ length: 50_000 }, () => {
      const key = `a${Math.floor(random.uniform() * 7)}`;
      return fate(key, key === 'a3' ? refused : undefined);
    });
    assert.equal(pass(limit, records).why, undefined);
    assert.ok(limit.quarantined.every(({ by, name }) => by === 'key' && name === 'a3'));
  });

  it('is not wider for a key that was refused once long ago', () => {
    const limit = new RefusalLimit();
    pass(limit, [fate('a0', refused), ...Array.from({ length: 900 }, (_, n) => fate(`a${n % 4}`))]);
    const bad = Array.from({ length: 20 }, () => fate('a0', refused));
    assert.equal(pass(limit, bad).counted, 5);
    assert.deepEqual(limit.quarantined, []);
  });
});
