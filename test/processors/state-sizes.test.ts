/** The largest state of each step is known for every definition that loads; whatever comes in, no state grows beyond it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { textLimits } from '../../base/outside-text.ts';
import { loadDefinition, parseDefinition } from '../../processes/load.ts';
import { listFeatures } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { checkStateSizes, mostStateBytes, stateSizes } from '../../processors/state-sizes.ts';
import { entries, type StepName } from '../../processors/topology.ts';
import type { Histogram } from '../../processors/reference/histogram.ts';
import { openDefinition } from '../../roles/open-definition.ts';
import { inParts, type StepRecord } from '../../stream/index.ts';
import { seed } from '../support/seed.ts';
import { asset, start } from './support.ts';

const seconds = (least: number, most: number) => fc.integer({ min: least, max: most });

/** Definitions of many shapes, each with a few tags. */
const definitions = fc
  .record({
    tags: fc.array(fc.record({ anomaly: fc.option(seconds(8, 40)) }), { minLength: 1, maxLength: 5 }),
    window: seconds(1, 120),
    steps: fc.option(seconds(2, 60)),
    baseline: fc.boolean(),
    levels: fc.option(seconds(1, 3)),
    properties: seconds(0, 3),
    rules: seconds(0, 4),
    driftHops: seconds(1, 5),
    qualityHops: seconds(1, 5),
    retention: seconds(5, 300),
    by: fc.constantFrom('span' as const, 'piece' as const),
  })
  .map((shape) =>
    parseDefinition(
      JSON.stringify({
        process: 'any',
        title: 'Any',
        hierarchy: { enterprise: 'E', site: 'S', area: 'A', line: 'L' },
        cells: ['C1'],
        time: { period: '1s', grace: '2s', ahead: '10s' },
        tags: shape.tags.map(({ anomaly }, index) => ({
          ...{ id: `T${index}`, title: `tag ${index}`, unit: 'mm', range: [0, 1_000], normal: [1, 999] },
          ...(anomaly !== null && { anomaly: { window: anomaly, threshold: 8, atLeast: 1 } }),
        })),
        features: {
          hop: '1s',
          windows: { only: `${shape.window}s` },
          rules: [{ tags: '*', windows: ['only'], statistics: ['mean'] }],
          ...(shape.steps !== null && { sequence: { tags: '*', steps: shape.steps, every: '1s' } }),
          ...(shape.baseline && { baseline: { halfLife: '1m' } }),
        },
        ...(shape.levels !== null && {
          piece: {
            levels: Array.from({ length: shape.levels }, (_, level) => `level${level}`),
            properties: Array.from({ length: shape.properties }, (_, nth) => `property${nth}`),
          },
        }),
        target: { id: 'bad', title: 'Bad', about: 'time', cost: { miss: 10, falseAlarm: 1 } },
        alerts: Array.from({ length: shape.rules }, (_, nth) => ({
          ...{ id: `rule${nth}`, title: 'Rule', on: 'probability', limit: 0.5, deadBand: 0.1 },
          ...{ onDelay: '0s', offDelay: '0s', priority: 'LOW', message: 'Look.' },
        })),
        drift: { hop: '10s', window: `${10 * shape.driftHops}s` },
        quality: {
          ...{
            hop: '10s',
            window: `${10 * shape.qualityHops}s`,
            retention: `${shape.retention}s`,
            minimum: 1,
          },
          by: shape.levels === null ? 'span' : shape.by,
        },
      }),
      'any.yaml',
    ),
  );

/** A different text for each number, as long as a text from outside may be. */
const long = (nth: number, most: number = textLimits.name): string => `${nth}-`.padEnd(most, 'x');

const record = (from: string, at: number, value: object): StepRecord => ({
  input: { from, value: { asset, eventTime: start + at, ...value } },
  ...{ key: asset, timestamp: start + at, topic: 'in', partition: 0, offset: at, headers: undefined },
});

/** Records that make the states as large as they can. */
const hostile: Readonly<
  Record<Exclude<StepName, 'predict'>, (definition: ProcessDefinition, nth: number) => readonly StepRecord[]>
> = {
  validate: ({ tags }, nth) => [
    // Each source sends every second number, so that each number is an interval of its own.
    record('readings', nth * 100, {
      ...{ sequence: 2 * Math.floor(nth / 40), source: long(nth % 40) },
      measurements: tags.map(({ id }) => ({ tag: id, value: 1 + (nth % 500), quality: 'GOOD' })),
    }),
  ],
  features: ({ tags, piece }, nth) => [
    ...(piece?.levels ?? []).map((level) =>
      record('mes', (nth % 2 === 0 ? 1e9 : 0) + nth * 1_000, {
        ...{ sequence: nth, source: long(nth), type: 'CHANGED', level, id: long(nth) },
        properties: Object.fromEntries(
          piece?.properties.map((name) => [name, long(nth, textLimits.fact)]) ?? [],
        ),
      }),
    ),
    record('readings', nth * 1_000, {
      ...{ sequence: nth, source: long(nth), completeness: 1, outOfOrder: false },
      measurements: tags.map(({ id }) => ({
        ...{ tag: id, value: nth % 500, quality: 'GOOD', treatment: 'MEASURED', reason: null },
      })),
    }),
  ],
  drift: (definition, nth) => [
    record('rows', nth * 1_000, {
      ...{ bundle: long(0), probability: (nth % 100) / 100 },
      bins: Buffer.alloc(listFeatures(definition).length, nth % 200),
    }),
  ],
  quality: ({ piece, target }, nth) => [
    record('predictions', nth * 50, {
      ...{ target: target.id, probability: 0.5, threshold: 0.5, bundle: long(nth), predictions: 1 },
      piece: Object.fromEntries((piece?.levels ?? []).map((level) => [level, long(nth)])),
    }),
    // Of every second prediction, so that the spans stay apart; and of the future, so that labels wait.
    record('labels', nth * 50 - 1, {
      ...{ target: target.id, until: start + (nth % 3 === 0 ? 9_000 : 0) + nth * 50, value: nth % 2 },
      ...{ defect: long(nth), source: long(nth), foundAt: start + nth * 50 },
      piece: Object.fromEntries((piece?.levels ?? ['level']).map((level) => [level, long(nth)])),
    }),
  ],
  alert: ({ target }, nth) => [
    record('predictions', nth * 1_000, {
      ...{ target: target.id, probability: nth % 2, threshold: 0.5, bundle: long(nth), piece: {} },
      ...{ contributions: [], signals: [] },
    }),
  ],
};

const histogram: Histogram = {
  edges: Array.from({ length: 126 }, (_, index) => index),
  shares: Array.from({ length: 128 }, () => 1 / 128),
};

/** The largest size that the step's state had, when it was written after each few records. */
function largestSeen(
  step: Exclude<StepName, 'predict'>,
  definition: ProcessDefinition,
  rounds: number,
): number {
  const features = listFeatures(definition).map(() => histogram);
  const { create, state: binding } = entries[step];
  const made = create(definition, {
    current: () => ({ champion: undefined, beside: [] }),
    referenceOf: () => ({ rows: 1, features, score: histogram }),
  });
  assert.ok(binding !== undefined);
  const codec = inParts(binding.codec(definition));
  const parts = new Map<string, number>();
  const state = made.create(asset);
  let most = 0;
  for (let nth = 1; nth <= rounds; nth++) {
    for (const each of hostile[step](definition, nth)) made.process(each, state, undefined);
    if (nth % 25 !== 0) continue;
    codec.changes(state, (part, bytes) => parts.set(part, bytes?.length ?? 0));
    most = Math.max(
      most,
      [...parts.values()].reduce((sum, bytes) => sum + bytes, 0),
    );
  }
  return most;
}

describe('sizes of states', function () {
  this.timeout(60_000);

  for (const step of ['validate', 'features', 'drift', 'quality', 'alert'] as const)
    it(`${step}: no state grows beyond what its definition says, whatever comes in`, () => {
      fc.assert(
        fc.property(definitions, (definition) => {
          const bound = stateSizes(definition).find((size) => size.step === step)?.bytes ?? 0;
          const seen = largestSeen(step, definition, 2_500);
          assert.ok(seen > 0 && seen <= bound, `${seen} bytes, ${bound} allowed`);
        }),
        { seed, numRuns: 6 },
      );
    });

  it('fit for the definitions in processes/', () => {
    for (const name of ['casting', 'pump-rig', 'steel-plates']) {
      const path = `processes/${name}.yaml`;
      checkStateSizes(loadDefinition(path), path);
    }
  });

  it('are a reason to refuse a definition, with the number and what it follows from', () => {
    const folder = mkdtempSync(join(tmpdir(), 'castwatch-sizes-'));
    const path = join(folder, 'large.yaml');
    const rig = readFileSync('processes/pump-rig.yaml', 'utf8');
    const opened = (text: string): ProcessDefinition => {
      writeFileSync(path, text);
      return openDefinition({ process: path });
    };
    try {
      assert.throws(
        () => opened(`${rig}\nquality: { retention: 60d }\n`),
        /large.yaml: the step quality would keep up to 3\d\d MiB for each asset; at most 128 MiB .* quality.retention/,
      );
      assert.throws(
        () => opened(rig.replace('long: 60s', 'long: 7d')),
        /the step features would keep up to [\d,]+ MiB .* features.windows/,
      );
      assert.ok(stateSizes(opened(rig)).every(({ bytes }) => bytes < mostStateBytes));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
