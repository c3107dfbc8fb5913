/** Simulates one cell, scan by scan. Its memory does not grow with time. */
import { assetPath } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Simulation } from '../../processes/simulation-schema.ts';
import type { Measurement, MesEvent, QualityLabel, SensorReading } from '../../schemas/generated/types.ts';
import { compileDisturbance } from './disturbances.ts';
import { createJudge } from './labels.ts';
import { elementNames, type Names } from './names.ts';
import { createPieces } from './simulated-pieces.ts';
import { createCell, type Cell } from './cell-state.ts';
import { compileSignal } from './simulated-signals.ts';
import type { ProductionSpan } from './truth.ts';

export interface CellSimulation {
  readonly asset: string;
  /** Advances the cell to this time, ms since the epoch. It must be one period after the last call. */
  scan(now: number): SimulatedScan;
  /** Returns the labels that would come after the end. */
  rest(): readonly QualityLabel[];
}

/** The records of one scan, in the order of publication. */
export interface SimulatedScan {
  readonly events: readonly MesEvent[];
  readonly reading: SensorReading;
  readonly labels: readonly QualityLabel[];
}

export interface CellOptions {
  readonly definition: ProcessDefinition;
  readonly simulation: Simulation;
  readonly names: Names;
  readonly cell: string;
  readonly seed: string;
  readonly source: string;
  readonly onSpan: (span: ProductionSpan) => void;
}

const nothing: readonly MesEvent[] = [];

export function simulateCell(options: CellOptions): CellSimulation {
  const { definition, simulation, source } = options;
  const asset = assetPath(definition, options.cell);
  const cell = createCell({
    seed: options.seed,
    line: asset.slice(0, asset.lastIndexOf('/')),
    name: options.cell,
    names: options.names,
    period: definition.time.period,
  });
  const pieces = createPieces(cell, simulation);
  const disturbances = Object.entries(simulation.disturbances).map(([id, rule]) =>
    compileDisturbance(cell, simulation, id, rule),
  );
  const signals = Object.entries(simulation.signals).map(([id, rule]) =>
    compileSignal(cell, pieces, id, rule),
  );
  const judge = createJudge(cell, asset, definition, simulation, options.onSpan);
  const measure = compileMeasurements(cell, definition, simulation);
  const innermost = simulation.pieces.at(-1)?.level;
  let scans = 0;
  let told = 0;

  return {
    asset,
    scan(now) {
      cell.clock.now = now;
      let events = nothing;
      const changes = pieces.advance();
      if (changes.length > 0) {
        events = changes.map((change) => ({ asset, eventTime: now, sequence: ++told, source, ...change }));
        if (changes.some((change) => change.type === 'ENDED' && change.level === innermost))
          judge.pieceEnded();
      }
      cell.effects.fill(0);
      for (const update of disturbances) update();
      for (const update of signals) update();
      judge.observe(pieces.current());
      return {
        events,
        reading: { asset, eventTime: now, sequence: ++scans, source, measurements: measure() },
        labels: judge.known(),
      };
    },
    rest: () => judge.rest(),
  };
}

/** Measures the tags that have a signal, in the definition's order, with the errors of their sensors. */
function compileMeasurements(
  cell: Cell,
  definition: ProcessDefinition,
  simulation: Simulation,
): () => readonly Measurement[] {
  const rules = new Map(
    Object.entries(simulation.signals).flatMap(([id, rule]) =>
      (rule.is === 'array' ? elementNames(rule) : [id]).map((name) => [name, rule] as const),
    ),
  );
  const sensors = definition.tags.flatMap((tag) => {
    const rule = rules.get(tag.id);
    if (rule === undefined) return [];
    const error = rule.error ?? 0;
    // Dividing by an integer number of parts gives 0.1, where multiplying would give 0.1000000001.
    const parts = rule.resolution === undefined ? 0 : 1 / rule.resolution;
    const random = cell.random('cell', `sensor ${tag.id}`);
    return [
      { tag: tag.id, place: cell.names.index(tag.id), error, parts: Math.round(parts) || parts, random },
    ];
  });
  return () =>
    sensors.map(({ tag, place, error, parts, random }): Measurement => {
      const seen = (cell.values[place] ?? Number.NaN) + (error === 0 ? 0 : error * random.normal());
      // + 0 turns −0 into 0, because text formats do not have −0.
      return { tag, value: parts === 0 ? seen : Math.round(seen * parts) / parts + 0, quality: 'GOOD' };
    });
}
