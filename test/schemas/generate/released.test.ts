import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { avroTopicIds, topics } from '../../../schemas/catalogue.ts';
import { stepsWriting } from '../../../processors/topology.ts';
import { generate } from '../../../schemas/generate/generate.ts';
import { checkReleased, releaseSchemas } from '../../../schemas/generate/released.ts';

const none = { incompatible: [], unreleased: [] };
const project = join(import.meta.dirname, '../../..');

interface Field {
  readonly name: string;
  type: unknown;
  default?: unknown;
}
interface Schema {
  fields: Field[];
}

/** Released schemas for which today's schema is an incompatible change. */
const incompatible: readonly {
  readonly kind: string;
  readonly file: string;
  readonly before: (schema: Schema) => void;
  readonly says: RegExp;
}[] = [
  {
    kind: 'another type',
    file: 'sensor-readings.v1.avsc',
    before: (schema) => (fieldOf(schema, 'sequence').type = 'string'),
    says: /sequence: string cannot be read as long/,
  },
  {
    kind: 'a narrower number',
    file: 'sensor-readings.v1.avsc',
    before: (schema) => (fieldOf(schema, 'sequence').type = 'double'),
    says: /sequence: double cannot be read as long/,
  },
  {
    kind: 'a value that may no longer be null',
    file: 'drift.v1.avsc',
    before: (schema) => (fieldOf(schema, 'asset').type = ['null', 'string']),
    says: /asset: .* cannot be read as string/,
  },
  {
    kind: 'a new field without a default',
    file: 'binned-rows.v1.avsc',
    before: (schema) => (schema.fields = schema.fields.filter(({ name }) => name !== 'bins')),
    says: /bins: is new and has no default/,
  },
  {
    kind: 'a lost symbol of an enumeration',
    file: 'mes-events.v1.avsc',
    before: (schema) => symbolsOf(fieldOf(schema, 'type')).push('RETIRED'),
    says: /type: .* cannot be read/,
  },
  {
    kind: 'another type of items',
    file: 'features.v1.avsc',
    before: (schema) => (fieldOf(schema, 'values').type = { type: 'array', items: 'string' }),
    says: /values\[\]: string cannot be read/,
  },
];

const fieldOf = (schema: Schema, name: string): Field => {
  const field = schema.fields.find((each) => each.name === name);
  assert.ok(field, `the schema has a field ${name}`);
  return field;
};

const symbolsOf = ({ type }: Field): string[] => (type as { readonly symbols: string[] }).symbols;

describe('schemas/generate/released', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castwatch-released-'));
    await cp(join(project, 'schemas/released'), folder, { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const rewrite = async (file: string, change: (schema: Schema) => void): Promise<void> => {
    const schema = JSON.parse(await readFile(join(folder, file), 'utf8')) as Schema;
    change(schema);
    await writeFile(join(folder, file), JSON.stringify(schema));
  };

  it('checks every schema of the catalogue, and finds no problem today', async () => {
    assert.deepEqual(await checkReleased(), none);
    const files = avroTopicIds.map((id) => topics[id].schema).sort();
    assert.deepEqual((await readdir(folder)).sort(), files);
  });

  for (const { kind, file, before, says } of incompatible) {
    it(`fails on ${kind}`, async () => {
      await rewrite(file, before);
      const [problem = '', ...others] = (await checkReleased(folder)).incompatible;
      assert.deepEqual(others, []);
      assert.ok(
        problem.startsWith(`schemas/topics/${file} cannot read what schemas/released/${file} wrote: `),
      );
      assert.match(problem, says);
      await assert.rejects(releaseSchemas(folder), { code: 'SCHEMA_INCOMPATIBLE' });
    });
  }

  for (const id of avroTopicIds) {
    const file = topics[id].schema;
    it(`compares ${file} field by field`, async () => {
      await rewrite(file, (schema) => {
        const required = schema.fields.findIndex((field) => !('default' in field));
        assert.ok(required >= 0);
        schema.fields.splice(required, 1);
      });
      assert.match(
        (await checkReleased(folder)).incompatible.join('\n'),
        new RegExp(`^schemas/topics/${file} .*no default`),
      );
    });
  }

  it('fails when the file of a released schema is missing', async () => {
    await writeFile(join(folder, 'gone.v1.avsc'), '"string"');
    assert.match(
      (await checkReleased(folder)).incompatible.join(),
      /gone\.v1\.avsc was released and is gone/,
    );
  });

  it('reminds of a schema that was never released when files are written, and fails when they are checked', async () => {
    await rm(join(folder, 'drift.v1.avsc'));
    const { unreleased } = await checkReleased(folder);
    const written = await generate({ stepsWriting, released: folder });
    assert.deepEqual(written, { written: [], problems: [], reminders: unreleased });
    const checked = await generate({ check: true, stepsWriting, released: folder });
    assert.deepEqual(checked, { written: [], problems: unreleased });
  });

  it('finds a schema that was never released, with the remedy, until it is released', async () => {
    await rm(join(folder, 'drift.v1.avsc'));
    const { incompatible, unreleased } = await checkReleased(folder);
    assert.deepEqual(incompatible, []);
    assert.match(
      unreleased.join('\n'),
      /^schemas\/topics\/drift\.v1\.avsc has no released version.*npm run castwatch -- schemas release/,
    );
    assert.deepEqual(await releaseSchemas(folder), ['schemas/released/drift.v1.avsc']);
    assert.deepEqual(await checkReleased(folder), none);
    assert.deepEqual(await releaseSchemas(folder), []);
  });
});
