import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type avsc from 'avsc';
import { parse } from 'yaml';
import { z } from 'zod';
import { stepsWriting } from '../../../processors/topology.ts';
import { asyncApi } from '../../../schemas/generate/asyncapi.ts';
import { avroTopicIds, topics } from '../../../schemas/catalogue.ts';
import { generate } from '../../../schemas/generate/generate.ts';
import { generateTypes } from '../../../schemas/generate/typescript.ts';
import { metricsTable, prometheusName, topicsTable } from '../../../schemas/generate/pages.ts';
import { metricsCatalogue } from '../../../telemetry/metrics-catalogue.ts';

const project = join(import.meta.dirname, '../../..');
const types = (schema: object): string => generateTypes(new Map([['x', schema as avsc.Schema]]));

describe('schemas/generate/generate', () => {
  it('finds the committed files up to date', async () => {
    assert.deepEqual(await generate({ check: true, stepsWriting }), { written: [], problems: [] });
  });

  it('makes an interface of a record, with its docs', () => {
    const text = types({
      type: 'record',
      name: 'R',
      doc: 'A thing.',
      fields: [
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
        { name: 'maybe', type: ['null', 'double'], doc: 'May be missing.' },
        { name: 'facts', type: { type: 'map', values: 'string' } },
        { name: 'raw', type: 'bytes' },
      ],
    });
    assert.match(text, /export type Kind = 'A' \| 'B';/);
    assert.match(text, /\/\*\* A thing\. \*\/\nexport interface R \{/);
    for (const line of [
      'readonly at: number;',
      'readonly kind: Kind;',
      '/** May be missing. */\n  readonly maybe: null | number;',
      'readonly facts: Readonly<Record<string, string>>;',
      'readonly raw: Buffer;',
    ]) {
      assert.ok(text.includes(line), line);
    }
  });

  it('refuses one name for two types', () => {
    const e = (symbol: string): object => ({ type: 'enum', name: 'E', symbols: [symbol] });
    const twice = {
      type: 'record',
      name: 'R',
      fields: [
        { name: 'a', type: e('A') },
        { name: 'b', type: e('B') },
      ],
    };
    assert.throws(() => types(twice), /E is defined in two ways/);
  });

  it('lists every topic and every metric', () => {
    for (const { name } of Object.values(topics))
      assert.ok(topicsTable(stepsWriting).includes(`\`${name}\``), name);
    for (const metric of Object.values(metricsCatalogue)) {
      assert.ok(metricsTable().includes(`\`${prometheusName(metric)}\``), metric.name);
    }
  });
});

describe('schemas/generate/asyncapi', () => {
  const document: unknown = parse(asyncApi(stepsWriting));

  it("holds by AsyncAPI 3.0's own JSON schema", async () => {
    const resolve = createRequire(import.meta.url).resolve;
    const path = resolve('@asyncapi/specs/schemas/3.0.0-without-$id.json');
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const validate = ajv.compile(JSON.parse(await readFile(path, 'utf8')) as object);
    assert.ok(validate(document), JSON.stringify(validate.errors?.slice(0, 5), null, 2));
    const broken = { ...(document as object), channels: { x: { address: 7 } } };
    assert.ok(!validate(broken), 'the check must be able to fail');
  });

  it('has every Avro topic with its exact schema', async () => {
    const messages = z
      .object({
        components: z.object({
          messages: z.record(z.string(), z.object({ payload: z.object({ schema: z.unknown() }) })),
        }),
      })
      .parse(document).components.messages;
    assert.deepEqual(Object.keys(messages), [...avroTopicIds]);
    for (const id of avroTopicIds) {
      const file: unknown = JSON.parse(
        await readFile(join(project, 'schemas/topics', topics[id].schema), 'utf8'),
      );
      assert.deepEqual(messages[id]?.payload.schema, file);
    }
  });

  it('has no reference to a missing part', () => {
    const at = (path: string): unknown =>
      path
        .slice(2)
        .split('/')
        .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
    const references = [...asyncApi(stepsWriting).matchAll(/\$ref: "?(#[^"\n]+)/g)].map(
      ([, path]) => path ?? '',
    );
    assert.ok(references.length > 20);
    for (const path of references) assert.notEqual(at(path), undefined, path);
  });
});
