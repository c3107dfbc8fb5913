import assert from 'node:assert/strict';
import { avroType, parseSchema } from '../../../schemas/avro/avro-types.ts';
import { avroTopicIds } from '../../../schemas/catalogue.ts';
import { incompatibilities } from '../../../schemas/avro/compatibility.ts';

const record = (...fields: object[]): string => JSON.stringify({ type: 'record', name: 'R', fields });
const check = (reader: string, writer: string): readonly string[] =>
  incompatibilities(parseSchema(reader), parseSchema(writer));
const a = { name: 'a', type: 'long' };

describe('schemas/avro/compatibility', () => {
  it('finds every schema compatible with itself', () => {
    for (const topic of avroTopicIds)
      assert.deepEqual(incompatibilities(avroType(topic), avroType(topic)), []);
  });

  it('allows a new field with a default, a removed field, and a wider number', () => {
    const writer = record(a, { name: 'b', type: 'int' });
    assert.deepEqual(
      check(record(a, { name: 'b', type: 'int' }, { name: 'c', type: 'string', default: '' }), writer),
      [],
    );
    assert.deepEqual(check(record(a), writer), []);
    assert.deepEqual(check(record(a, { name: 'b', type: 'double' }), writer), []);
    assert.deepEqual(check(record(a, { name: 'b', type: ['null', 'int'], default: null }), writer), []);
  });

  it('allows a renamed field that keeps its old name as an alias', () => {
    assert.deepEqual(check(record({ name: 'z', aliases: ['a'], type: 'long' }), record(a)), []);
  });

  it('names a new field without a default', () => {
    assert.deepEqual(check(record(a, { name: 'b', type: 'string' }), record(a)), [
      'b: is new and has no default, so older records cannot be read',
    ]);
  });

  it('names the field, however deep, whose type has changed', () => {
    const nested = (type: string): string =>
      record({
        name: 'list',
        type: { type: 'array', items: { type: 'record', name: 'I', fields: [{ name: 'v', type }] } },
      });
    assert.match(check(nested('int'), nested('double')).join(), /^list\[\]\.v: double cannot be read as int/);
  });

  it('refuses an enum that lost a symbol, unless it has a default', () => {
    const field = (...symbols: string[]): object => ({
      name: 'e',
      type: { type: 'enum', name: 'E', symbols },
    });
    assert.match(check(record(field('A')), record(field('A', 'B'))).join(), /^e: /);
    const safe = { name: 'e', type: { type: 'enum', name: 'E', symbols: ['A'], default: 'A' } };
    assert.deepEqual(check(record(safe), record(field('A', 'B'))), []);
  });

  it('refuses a value that may no longer be null', () => {
    assert.match(
      check(record({ name: 'a', type: 'long' }), record({ name: 'a', type: ['null', 'long'] })).join(),
      /^a: /,
    );
  });
});
