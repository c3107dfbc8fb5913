/** One simulated cell: everything that one scan brings. Its memory does not grow with time. */
import { assetPath } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Simulation } from '../../processes/simulation-schema.ts';
import type { Measurement, MesEvent, QualityLabel, SensorReading } from '../../schemas/generated/types.ts';
import { compileDisturbance } from './disturbances.ts';
import { createJudge } from './labels.ts';
import { elementNames, type Names } from './names.ts';
import { createPieces } from './pieces.ts';
import { createCell, type Cell } from './plant.ts';
import { compileSignal } from './signals.ts';
import type { ProductionSpan } from './truth.ts';

export interface CellSimulation {
  readonly asset: string;
  /** The plant at this time, ms since the epoch: one period after the last call. */
  scan(now: number): SimulatedScan;
  /** Labels that would come after the end. */
  rest(): readonly QualityLabel[];
}

/** In the order in which they are to be published. */
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

/** The tags that have a signal, in the definition's order, as their sensors see them. */
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
    // rounding by a whole number of parts keeps 0.1 from becoming 0.1000000001
    const parts = rule.resolution === undefined ? 0 : 1 / rule.resolution;
    const random = cell.random('cell', `sensor ${tag.id}`);
    return [
      { tag: tag.id, place: cell.names.index(tag.id), error, parts: Math.round(parts) || parts, random },
    ];
  });
  return () =>
    sensors.map(({ tag, place, error, parts, random }): Measurement => {
      const seen = (cell.values[place] ?? Number.NaN) + (error === 0 ? 0 : error * random.normal());
      // + 0 makes 0 of −0, which text formats cannot carry
      return { tag, value: parts === 0 ? seen : Math.round(seen * parts) / parts + 0, quality: 'GOOD' };
    });
}
