/**
 * The two plants that golden data is recorded from, each with faults put in. Both are shipped processes with times so
 * short that pieces, labels, reports of drift and of live quality, and alarms come and go within minutes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assetPath } from '../../processes/plant.ts';
import { parseDefinition } from '../../processes/load.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { withFaults } from '../../sources/faults/faults.ts';
import { faultKinds, faultRates } from '../../sources/faults/fault-kinds.ts';
import { NamedRandom } from '../../base/random.ts';
import { createSimulator } from '../../sources/simulator/simulator.ts';
import type { Replayable, SourceRecord } from '../../sources/source.ts';

export interface Plant {
  readonly name: 'casting' | 'pump-rig';
  /** Id of the shipped bundle that answers. */
  readonly bundle: string;
  /** The definition as YAML. */
  readonly definition: string;
  readonly source: (definition: ProcessDefinition) => Replayable;
}

const start = Date.UTC(2026, 0, 1);
const seed = 11;

/** `[text, replacement]`: fails when the shipped definition no longer has the text. */
type Change = readonly [string, string];

function changed(process: string, changes: readonly Change[], more: string): string {
  let text = readFileSync(join(import.meta.dirname, '../../processes', `${process}.yaml`), 'utf8');
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`processes/${process}.yaml has no "${from}"`);
    text = text.replace(from, to);
  }
  const definition = `${text}\n${more}`;
  parseDefinition(definition, `${process}.yaml`);
  return definition;
}

const watch = `
drift: { window: 2m, hop: 1m, warnAbove: 25 }
`;

const watchAlerts = `
  - { id: golden-drift, title: Drift, on: drift.worst, limit: 0.5, deadBand: 0.1, onDelay: 0s, offDelay: 0s, priority: LOW, message: Look. }
  - { id: golden-precision, title: Precision, on: quality.precision, direction: below, limit: 0.6, deadBand: 0.05, onDelay: 0s, offDelay: 0s, priority: LOW, message: Look. }
  - { id: golden-brier, title: Brier, on: quality.brier, limit: 0.2, deadBand: 0.05, onDelay: 0s, offDelay: 0s, priority: MEDIUM, message: Look. }
  - { id: golden-risk, title: Risk, on: probability, limit: 0.1, deadBand: 0.02, onDelay: 5s, offDelay: 5s, priority: CRITICAL, message: Look. }
`;

const casting: Plant = {
  name: 'casting',
  bundle: 'casting-8a4eec23cf92',
  definition: changed(
    'casting',
    [
      ['lasts: { time: [41m, 69m] }', 'lasts: { time: [90s, 3m] }'],
      ['lasts: { length: [22, 34], by: CastSpeed_PV }', 'lasts: { length: [0.5, 0.9], by: CastSpeed_PV }'],
      ['delay: [20m, 40m]', 'delay: [10s, 40s]'],
      ['background: { perHour: 2,', 'background: { perHour: 40,'],
      [
        'limit: 6\n    deadBand: 2\n    onDelay: 10s\n    offDelay: 30s',
        'limit: 1\n    deadBand: 0.1\n    onDelay: 5s\n    offDelay: 5s',
      ],
      ['onDelay: 4h', 'onDelay: 60s'],
      ['perHour: 1.6', 'perHour: 40'],
      ['retention: 12h\n  window: 24h\n  hop: 1h', 'retention: 2m\n  window: 2m\n  hop: 30s\n  minimum: 1'],
      ['\n# Labels come', `${watchAlerts}\n# Labels come`],
    ],
    watch,
  ),
  source: (definition) => createSimulator({ definition, seed, start, duration: 6 * 60_000 }),
};

const pumpRig: Plant = {
  name: 'pump-rig',
  bundle: 'pump-rig-5cbbc0ea1e47',
  definition: changed(
    'pump-rig',
    [['\ncsv:\n', `${watchAlerts}\ncsv:\n`]],
    `${watch}quality: { retention: 1m, window: 1m, hop: 30s, minimum: 1 }\n`,
  ),
  source: pump,
};

export const plants: readonly Plant[] = [casting, pumpRig];

/** The plant's records, with the faults of real plants. */
export const spoiled = (plant: Plant, definition: ProcessDefinition): Replayable =>
  withFaults({
    source: plant.source(definition),
    definition,
    seed,
    kinds: faultKinds,
    rates: Object.fromEntries(faultKinds.map((kind) => [kind, 4 * faultRates[kind]])),
  });

const usual: Readonly<Record<string, readonly [mean: number, spread: number]>> = {
  Vibration1: [0.2, 0.01],
  Vibration2: [0.25, 0.01],
  MotorCurrent: [1.2, 0.2],
  MotorVoltage: [230, 8],
  MotorTemperature: [75, 0.2],
  LoopPressure: [0.1, 0.2],
  FluidTemperature: [26, 0.05],
  Flow: [60, 1],
};

/** Two runs of the pump; every 40 s it vibrates and the flow falls for 15 s. Each 5 s get a label 20 s later. */
function pump(definition: ProcessDefinition): Replayable {
  function* scans(): Generator<SourceRecord[]> {
    const cells = ['run1', 'run2'].map((name) => ({
      asset: assetPath(definition, name),
      random: new NamedRandom(`${seed}|${name}`),
    }));
    for (let second = 0; second < 150; second++) {
      const due = 1_000 * second;
      const timestamp = start + due;
      const batch: SourceRecord[] = [];
      for (const [index, { asset, random }] of cells.entries()) {
        const isBroken = (at: number): boolean => (at + 13 * index) % 40 >= 25;
        const measurements = Object.entries(usual).map(([tag, [mean, spread]]) => {
          const fault = !isBroken(second) ? 1 : tag.startsWith('Vibration') ? 2.2 : tag === 'Flow' ? 0.2 : 1;
          const value = Math.round(1_000 * (mean * fault + spread * random.between([-1, 1]))) / 1_000;
          return { tag, value, quality: 'GOOD' as const };
        });
        const value = { asset, eventTime: timestamp, sequence: second + 1, source: 'pump', measurements };
        batch.push({ topic: 'sensorReadings', value, timestamp, due });
        if (second < 25 || second % 5 !== 0) continue;
        const until = timestamp - 20_000;
        const label = {
          asset,
          eventTime: until - 5_000,
          until,
          foundAt: timestamp,
          target: 'anomaly',
          value: isBroken(second - 20) ? 1 : 0,
          defect: null,
          piece: {},
          source: 'inspection',
        };
        batch.push({ topic: 'qualityLabels', value: label, timestamp, due });
      }
      yield batch;
    }
  }
  return {
    kind: 'replayable',
    name: 'pump',
    // eslint-disable-next-line @typescript-eslint/require-await -- a source is asynchronous, this one needs no waiting
    async *[Symbol.asyncIterator]() {
      yield* scans();
    },
    progress: () => ({ records: 0, share: undefined, timestamp: undefined }),
    counts: () => ({}),
  };
}
