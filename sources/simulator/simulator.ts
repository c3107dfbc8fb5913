/** The source simulator: simulates any plant whose definition has a `simulation` section. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import { CastwatchError } from '../../base/errors.ts';
import type { Replayable, SourceProgress, SourceRecord } from '../source.ts';
import { simulateCell } from './cell.ts';
import { planNames } from './names.ts';
import { TruthCounter, type ProductionSpan, type Truth } from './truth.ts';

export interface SimulatorOptions {
  readonly definition: ProcessDefinition;
  /** Equal seeds give equal records. */
  readonly seed: string | number;
  /** Time of the first scan, ms since the epoch; rounded down to a multiple of the period. */
  readonly start: number;
  /** Length in ms of plant time; without it the simulation has no end. */
  readonly duration?: number;
  /** Called with every judged span and its true probability, which a label does not show. */
  readonly onSpan?: (span: ProductionSpan) => void;
}

export interface Simulator extends Replayable {
  /** The truth of the latest iteration so far. */
  truth(): Truth;
}

/** The approximate number of records per batch. */
const batchSize = 512;

/** @throws CastwatchError DEFINITION when the definition names no cells or its simulation section is invalid */
export function createSimulator(options: SimulatorOptions): Simulator {
  const { definition, duration } = options;
  const { simulation, cells } = definition;
  const { period } = definition.time;
  if (simulation === undefined)
    throw new CastwatchError('DEFINITION', `process ${definition.process}: it has no simulation section`, {
      remedy: 'Add a simulation section to the process definition, or use another source, such as csv.',
    });
  if (cells === 'any')
    throw new CastwatchError(
      'DEFINITION',
      `process ${definition.process}: cells is "any", so the simulator does not know which cells to simulate`,
      {
        remedy: 'Name the cells in the process definition or on the command line.',
      },
    );
  const names = planNames(definition, simulation);
  const start = Math.floor(options.start / period) * period;
  const scans = duration === undefined ? Number.POSITIVE_INFINITY : Math.floor(duration / period);
  const name = `simulator:${options.seed}:${new Date(start).toISOString()}`;
  const causes = [...Object.keys(simulation.labels.mechanisms), 'background'];

  let truth = new TruthCounter(causes);
  let handedOut = 0;
  let scanned = 0;

  // eslint-disable-next-line @typescript-eslint/require-await -- a source is asynchronous, this one needs no waiting
  const run = async function* (): AsyncGenerator<readonly SourceRecord[]> {
    const counter = (truth = new TruthCounter(causes));
    handedOut = 0;
    scanned = 0;
    const onSpan = (span: ProductionSpan) => {
      counter.add(span);
      options.onSpan?.(span);
    };
    const simulated = cells.map((cell) =>
      simulateCell({ definition, simulation, names, cell, seed: String(options.seed), source: name, onSpan }),
    );
    let batch: SourceRecord[] = [];
    for (let scan = 0; scan < scans; scan++) {
      const due = scan * period;
      const timestamp = start + due;
      for (const cell of simulated) {
        const { events, reading, labels } = cell.scan(timestamp);
        for (const value of events) batch.push({ topic: 'mesEvents', value, timestamp, due });
        batch.push({ topic: 'sensorReadings', value: reading, timestamp, due });
        for (const value of labels) batch.push({ topic: 'qualityLabels', value, timestamp, due });
      }
      scanned = scan + 1;
      if (batch.length < batchSize && scanned < scans) continue;
      handedOut += batch.length;
      yield batch;
      batch = [];
    }
    // At the end the remaining labels are given at once, with their later dates.
    const due = scans * period;
    const rest = simulated.flatMap((cell) =>
      cell
        .rest()
        .map((value): SourceRecord => ({ topic: 'qualityLabels', value, timestamp: value.foundAt, due })),
    );
    handedOut += rest.length;
    if (rest.length > 0) yield rest;
  };

  return {
    kind: 'replayable',
    name,
    [Symbol.asyncIterator]: run,
    progress: (): SourceProgress => ({
      records: handedOut,
      share: duration === undefined ? undefined : scanned / scans,
      timestamp: scanned === 0 ? undefined : start + (scanned - 1) * period,
    }),
    counts: () => ({}),
    truth: () => truth.summary(),
  };
}
