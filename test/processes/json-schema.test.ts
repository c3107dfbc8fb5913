import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { definitionSchema } from '../../processes/json-schema.ts';

describe('the JSON Schema of process definitions', () => {
  const validate = new Ajv({ allErrors: true, strict: false }).compile(definitionSchema());
  const files = readdirSync('processes').filter((name) => name.endsWith('.yaml'));
  const definition = (file: string): Record<string, unknown> =>
    parse(readFileSync(`processes/${file}`, 'utf8'), { merge: true }) as Record<string, unknown>;

  for (const file of files)
    it(`accepts processes/${file}, which names it for editors`, () => {
      assert.ok(validate(definition(file)), JSON.stringify(validate.errors));
      const [first] = readFileSync(`processes/${file}`, 'utf8').split('\n');
      assert.equal(first, '# yaml-language-server: $schema=../docs/generated/process-definition.schema.json');
    });

  it('refuses an unknown field, a time without a unit, and a missing section', () => {
    const good = definition('pump-rig.yaml');
    const without = Object.fromEntries(Object.entries(good).filter(([key]) => key !== 'target'));
    const time = { period: 5, grace: '5s', ahead: '10s' };
    for (const [bad, place] of [
      [{ ...good, colour: 'red' }, ''],
      [{ ...good, time }, '/time/period'],
      [without, ''],
    ] as const) {
      assert.equal(validate(bad), false);
      assert.ok(validate.errors?.some(({ instancePath }) => instancePath === place));
    }
  });
});
