/** Reads states that an older program wrote, and states of another definition. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shortDigest } from '../../processes/feature-set.ts';
import { loadDefinition } from '../../processes/load.ts';
import { isKnownAsset } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { scanShape } from '../../processors/features/scans.ts';
import { featuresStateCodec } from '../../processors/features/state.ts';
import { featuresStep, type FeaturesInput } from '../../processors/features/step.ts';
import { validateStateCodec } from '../../processors/validate/state.ts';
import { validateStep, type ValidateInput } from '../../processors/validate/step.ts';
import {
  splitPartKey,
  type Outcome,
  type PartedCodec,
  type Step,
  type StepRecord,
} from '../../stream/index.ts';
import { readGolden } from '../golden/archive.ts';
import {
  asset,
  mesEvent,
  reading,
  record,
  small,
  smallWith,
  smallWithBaseline,
  validated,
} from './support.ts';

/** Written by version 1, in which a state was one record, after `past(60)`. */
const old = JSON.parse(readFileSync(`${import.meta.dirname}/states-v1.json`, 'utf8')) as {
  readonly validate: string;
  readonly features: string;
};

const valuesAt = (at: number) => ({
  A: 50 + 5 * Math.sin(at),
  B: at % 11 === 0 ? 90 : 50 + (at % 7),
  C: at % 13 === 0 ? null : 1 + (at % 5) / 10,
});
const seconds = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, index) => from + index).filter((at) => at % 17 !== 5);

const readings = (from: number, to: number): StepRecord<ValidateInput>[] =>
  seconds(from, to).map((at) =>
    record({ from: 'readings', value: reading({ at, values: valuesAt(at) }) }, { offset: at }),
  );
const scans = (from: number, to: number): StepRecord<FeaturesInput>[] =>
  seconds(from, to).map((at) => record({ from: 'readings', value: validated({ at, values: valuesAt(at) }) }));
const events: StepRecord<FeaturesInput>[] = [
  record({ from: 'mes', value: mesEvent(0, 'STARTED', 'batch', 'b1', { grade: 'X' }) }),
  record({ from: 'mes', value: mesEvent(100, 'STARTED', 'part', 'p1') }),
];

const putInto =
  (parts: Map<string, Buffer>) =>
  (part: string, bytes: Buffer | null): void => {
    if (bytes === null) parts.delete(part);
    else parts.set(part, bytes);
  };

/** Continues from an earlier state, in the same way as the live state. */
function goesOn<In extends ValidateInput | FeaturesInput, State>(
  step: Step<In, never, State>,
  codec: PartedCodec<State>,
  bytes: Buffer,
  past: readonly StepRecord<In>[],
  future: readonly StepRecord<In>[],
): void {
  const live = step.create(asset);
  for (const each of past) step.process(each, live, undefined);
  const parts = new Map([['', bytes]]);
  const { state, obsolete } = codec.restore(parts);
  assert.deepEqual(obsolete, []);
  // Once in the new form, it is read from there.
  codec.changes(state, putInto(parts));
  assert.ok(parts.size > 1, 'parts were written');
  const again = codec.restore(parts).state;
  const outcomes = (from: State): Outcome[] => future.map((each) => step.process(each, from, undefined));
  const expected = outcomes(live);
  assert.deepEqual(outcomes(state), expected);
  assert.deepEqual(outcomes(again), expected);
}

describe('states in changelogs', () => {
  it('of version 1 are read: validate', () => {
    const step = validateStep(small) as unknown as Step<ValidateInput, never, never>;
    const codec = validateStateCodec(small) as unknown as PartedCodec<never>;
    goesOn(step, codec, Buffer.from(old.validate, 'base64'), readings(0, 60), readings(55, 120));
  });

  it('of version 1 are read: features', () => {
    const step = featuresStep(small) as unknown as Step<FeaturesInput, never, never>;
    const codec = featuresStateCodec(small) as unknown as PartedCodec<never>;
    const past = [...events, ...scans(0, 60)];
    goesOn(step, codec, Buffer.from(old.features, 'base64'), past, scans(55, 120));
  });

  it('of other tags keep clock, sequence numbers and pieces, but not the state of the old tags', () => {
    const other = smallWith(({ tags }) => ({
      tags: tags.map((tag) => ({
        ...tag,
        id: `${tag.id}2`,
        ...(tag.anomaly && { anomaly: { ...tag.anomaly, window: 9 } }),
      })),
    }));
    const step = featuresStep(small);
    const live = step.create(asset);
    for (const each of [...events, ...scans(0, 60)]) step.process(each, live, undefined);
    const parts = new Map<string, Buffer>();
    featuresStateCodec(small).changes(live, putInto(parts));
    const features = featuresStateCodec(other).restore(parts);
    assert.deepEqual(
      features.obsolete,
      [...parts.keys()].filter((part) => part !== ''),
    );
    assert.equal(features.state.madeUpTo, live.madeUpTo);
    assert.deepEqual(features.state.pieces.facts, live.pieces.facts);
    assert.equal(features.state.scans.latest, -Infinity);

    const validate = validateStep(small);
    const seen = validate.create(asset);
    for (const each of readings(0, 60)) validate.process(each, seen, undefined);
    parts.clear();
    validateStateCodec(small).changes(seen, putInto(parts));
    const validated = validateStateCodec(other).restore(parts);
    assert.deepEqual(
      validated.obsolete,
      [...parts.keys()].filter((part) => part !== ''),
    );
    assert.equal(validated.state.latest, seen.latest);
    assert.deepEqual(validated.state.sources, seen.sources);
    assert.deepEqual(validated.state.tags, validateStep(other).create(asset).tags);
  });

  const inOtherUnit = (definition: ProcessDefinition, id: string): ProcessDefinition => ({
    ...definition,
    tags: definition.tags.map((tag) =>
      // With the unit, the numbers of the definition change, too.
      tag.id === id ? { ...tag, unit: 'furlong', normal: [tag.normal[0] / 10, tag.normal[1] / 10] } : tag,
    ),
  });

  it('of another unit start anew, and that is counted', () => {
    const features = featuresStep(smallWithBaseline);
    const live = features.create(asset);
    for (const each of [...events, ...scans(0, 60)]) features.process(each, live, undefined);
    const parts = new Map<string, Buffer>();
    featuresStateCodec(smallWithBaseline).changes(live, putInto(parts));
    const other = featuresStateCodec(inOtherUnit(smallWithBaseline, 'A')).restore(parts);
    assert.deepEqual(other.evicted, ['OTHER_DEFINITION']);
    assert.equal(other.state.scans.latest, -Infinity);
    assert.equal(other.state.baseline?.meanOf(0), NaN);
    assert.equal(other.state.madeUpTo, live.madeUpTo);
    assert.deepEqual(featuresStateCodec(smallWithBaseline).restore(parts).evicted, []);

    const validate = validateStep(small);
    const seen = validate.create(asset);
    for (const each of readings(0, 60)) validate.process(each, seen, undefined);
    parts.clear();
    validateStateCodec(small).changes(seen, putInto(parts));
    const validated = validateStateCodec(inOtherUnit(small, 'A')).restore(parts);
    assert.deepEqual(validated.evicted, ['OTHER_DEFINITION']);
    assert.deepEqual(validated.state.tags, validate.create(asset).tags);
    assert.deepEqual(validateStateCodec(small).restore(parts).evicted, []);
  });

  it('of a shipped plant, from before units counted, are read in the same units only', () => {
    const definition = loadDefinition('processes/pump-rig.yaml');
    const { changelogs } = readGolden(join(import.meta.dirname, '../golden/pump-rig.golden.br'));
    const byKey = new Map<string, Map<string, Buffer>>();
    for (const [place, bytes] of changelogs['features']?.half ?? []) {
      const [key, part] = splitPartKey(place.slice(place.indexOf(' ') + 1));
      byKey.set(key, (byKey.get(key) ?? new Map<string, Buffer>()).set(part, bytes));
    }
    const written = [...byKey].find(([key]) => isKnownAsset(definition, key))?.[1];
    assert.ok(written !== undefined && written.size > 1);
    const same = featuresStateCodec(definition).restore(written);
    assert.ok(same.state.scans.latest > 0);
    assert.deepEqual([same.evicted, same.obsolete], [[], []]);
    const other = featuresStateCodec(inOtherUnit(definition, 'Flow')).restore(written);
    assert.equal(other.state.scans.latest, -Infinity);
    assert.deepEqual(other.evicted, ['OTHER_DEFINITION']);
  });

  it('of another plant, from before units counted, are taken over, and are known by their units from then on', () => {
    const step = featuresStep(small);
    const live = step.create(asset);
    for (const each of [...events, ...scans(0, 60)]) step.process(each, live, undefined);
    const codec = featuresStateCodec(small);
    const parts = new Map<string, Buffer>();
    codec.changes(live, putInto(parts));
    // What the version before wrote: the same bytes, with the layout without units in each part of the ring.
    const grid = Buffer.from(shortDigest(scanShape(small)), 'hex');
    for (const [part, bytes] of parts) if (part !== '') grid.copy(bytes, 1, 0, 4);
    parts.set('', Buffer.from(old.features, 'base64'));
    const { state, obsolete, evicted } = codec.restore(parts);
    assert.equal(state.scans.latest, live.scans.latest);
    assert.deepEqual([obsolete.length, evicted], [parts.size - 1, []]);

    for (const part of obsolete) parts.delete(part);
    codec.changes(state, putInto(parts));
    assert.equal(codec.restore(parts).state.scans.latest, live.scans.latest);
    assert.equal(featuresStateCodec(inOtherUnit(small, 'A')).restore(parts).state.scans.latest, -Infinity);
  });
});
