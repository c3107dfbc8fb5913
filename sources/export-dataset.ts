/** Writes a simulated history to files: readings, events, labels, and the true probabilities behind the labels. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { messageOf } from '../base/text.ts';
import { featureSetVersion, parseAsset } from '../processes/plant.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import type { MesEvent, QualityLabel, SensorReading } from '../schemas/generated/types.ts';
import { CastwatchError } from '../base/errors.ts';
import { createSimulator, type SimulatorOptions } from './simulator/simulator.ts';
import type { ProductionSpan, Truth } from './simulator/truth.ts';

export interface ExportOptions extends Omit<SimulatorOptions, 'onSpan' | 'duration'> {
  /** ms of plant time. */
  readonly duration: number;
  /** The folder to write to; created when missing. Existing files are overwritten. */
  readonly out: string;
  readonly onProgress?: (share: number) => void;
}

/** `truth.json`: how the data was made, and how well the best possible model could predict its labels. */
export interface TruthFile extends Truth {
  readonly process: string;
  readonly target: string;
  readonly featureSet: string;
  readonly cells: readonly string[];
  readonly seed: string;
  /** ISO 8601. */
  readonly start: string;
  readonly end: string;
}

/**
 * Writes `readings/<cell>.csv` (a column per tag), `mes-events.csv`, `labels.csv`, `truth.csv` (per span the true
 * probability and each mechanism's part) and `truth.json`.
 * @throws CastwatchError DEFINITION when the definition cannot be simulated, ENVIRONMENT when a file cannot be written
 */
export async function exportDataset(options: ExportOptions): Promise<TruthFile> {
  const { definition, out, onProgress } = options;
  const causes = [...Object.keys(definition.simulation?.labels.mechanisms ?? {}), 'background'];
  const folder = join(out, 'readings');
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw unwritable(folder, error);
  });
  const truthTable = createTable(join(out, 'truth.csv'), [
    'asset',
    'from',
    'until',
    'probability',
    'label',
    ...causes,
  ]);
  const simulator = createSimulator({
    ...options,
    onSpan: ({ asset, from, until, probability, label, shares }: ProductionSpan) => {
      truthTable.row([asset, iso(from), iso(until), probability, label, ...shares]);
    },
  });
  const tables = createTables(definition, out);
  for await (const batch of simulator) {
    for (const record of batch) {
      if (record.value === null) continue;
      if (record.topic === 'sensorReadings') tables.reading(record.value);
      else if (record.topic === 'mesEvents') tables.event(record.value);
      else tables.label(record.value);
    }
    await Promise.all([tables.drained(), truthTable.drained()]);
    onProgress?.(simulator.progress().share ?? 0);
  }
  await Promise.all([tables.close(), truthTable.close()]);
  const start = Math.floor(options.start / definition.time.period) * definition.time.period;
  const truth: TruthFile = {
    process: definition.process,
    target: definition.target.id,
    featureSet: featureSetVersion(definition),
    cells: definition.cells === 'any' ? [] : definition.cells,
    seed: String(options.seed),
    start: iso(start),
    end: iso(start + options.duration),
    ...simulator.truth(),
  };
  await writeFile(join(out, 'truth.json'), `${JSON.stringify(truth, undefined, 2)}\n`);
  return truth;
}

function createTables(definition: ProcessDefinition, out: string) {
  const tags = definition.tags.map((tag) => tag.id);
  const levels = definition.piece?.levels ?? [];
  const properties = definition.piece?.properties ?? [];
  const readings = new Map<string, Table>();
  const events = createTable(join(out, 'mes-events.csv'), [
    'asset',
    'time',
    'type',
    'level',
    'id',
    ...properties,
  ]);
  const labels = createTable(join(out, 'labels.csv'), [
    ...['asset', 'from', 'until', 'target', 'value', 'defect', 'foundAt'],
    ...levels,
  ]);
  const all = () => [events, labels, ...readings.values()];
  return {
    reading({ asset, eventTime, measurements }: SensorReading) {
      let table = readings.get(asset);
      if (table === undefined) {
        const file = `${parseAsset(asset)?.cell ?? asset}.csv`;
        readings.set(asset, (table = createTable(join(out, 'readings', file), ['time', ...tags])));
      }
      const values = new Map(measurements.map(({ tag, value }) => [tag, value]));
      table.row([iso(eventTime), ...tags.map((tag) => values.get(tag) ?? '')]);
    },
    event({ asset, eventTime, type, level, id, properties: facts }: MesEvent) {
      events.row([asset, iso(eventTime), type, level, id, ...properties.map((name) => facts[name] ?? '')]);
    },
    label({ asset, eventTime, until, target, value, defect, foundAt, piece }: QualityLabel) {
      const pieces = levels.map((level) => piece[level] ?? '');
      labels.row([asset, iso(eventTime), iso(until), target, value, defect ?? '', iso(foundAt), ...pieces]);
    },
    drained: () => Promise.all(all().map((table) => table.drained())),
    close: () => Promise.all(all().map((table) => table.close())),
  };
}

interface Table {
  row(cells: readonly (string | number)[]): void;
  /** Resolves when there is room for more. */
  drained(): Promise<void>;
  close(): Promise<void>;
}

function createTable(path: string, header: readonly string[]): Table {
  const stream = createWriteStream(path);
  let failure: Error | undefined;
  stream.on('error', (error) => (failure = error));
  const check = () => {
    if (failure !== undefined) throw unwritable(path, failure);
  };
  const row = (cells: readonly (string | number)[]) => {
    stream.write(`${cells.map(quote).join(',')}\n`);
  };
  row(header);
  return {
    row,
    async drained() {
      if (stream.writableNeedDrain && failure === undefined)
        await once(stream, 'drain').catch(() => undefined); // `check` throws the error
      check();
    },
    async close() {
      stream.end();
      await finished(stream).catch(() => undefined);
      check();
    },
  };
}

const unwritable = (path: string, cause: unknown): CastwatchError =>
  new CastwatchError('ENVIRONMENT', `${path} cannot be written: ${messageOf(cause)}`, {
    cause,
    remedy: 'Choose another folder for the data set, or free disk space.',
  });

function quote(cell: string | number): string {
  if (typeof cell === 'number') return String(cell);
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const iso = (time: number): string => new Date(time).toISOString();
