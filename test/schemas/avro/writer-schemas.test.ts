import assert from 'node:assert/strict';
import { WriterSchemas, type WriterSchemaText } from '../../../schemas/avro/writer-schemas.ts';

describe('schemas/avro/writer-schemas', () => {
  let now: number;
  let asked: number;
  let answer: () => Promise<WriterSchemaText | undefined>;
  let schemas: WriterSchemas;

  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  const away = (): Promise<undefined> => Promise.reject(new Error('the registry is away'));
  const long = (): Promise<WriterSchemaText> =>
    Promise.resolve({ text: '"long"', type: 'AVRO', references: false });

  beforeEach(() => {
    [now, asked, answer] = [0, 0, nothing];
    const fetch = (): Promise<WriterSchemaText | undefined> => {
      asked += 1;
      return answer();
    };
    schemas = new WriterSchemas(fetch, () => now);
  });

  it('asks again, after half a minute, for an id that the registry did not have', async () => {
    await schemas.fetch([7]);
    assert.ok(schemas.has(7));
    now = 30_001;
    assert.ok(!schemas.has(7));
    answer = long;
    await schemas.fetch([7]);
    assert.equal(schemas.get(7)?.kind, 'known');
    assert.equal(asked, 2);
  });

  it('rejects for a new id while the registry is unreachable', async () => {
    answer = away;
    await assert.rejects(schemas.fetch([7]), /away/);
    assert.ok(!schemas.has(7));
  });

  it('treats a missing id as missing while the registry is unreachable, and asks again when it is back', async () => {
    await schemas.fetch([7]);
    now = 30_001;
    answer = away;
    await schemas.fetch([7]);
    assert.ok(schemas.has(7));
    assert.equal(schemas.get(7)?.kind, 'missing');
    now = 60_002;
    answer = long;
    await schemas.fetch([7]);
    assert.equal(schemas.get(7)?.kind, 'known');
  });
});
