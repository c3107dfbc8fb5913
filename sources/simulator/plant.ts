/** What the parts of one simulated cell share. Made once per cell; the parts are closures over it. */
import type { GrowthRule } from '../../processes/simulation-schema.ts';
import { NamedRandom } from '../../base/random.ts';
import type { Names } from './names.ts';

export interface Cell {
  readonly name: string;
  readonly names: Names;
  /** The variables, as the latest scan left them. */
  readonly values: Float64Array;
  /** What the disturbances add to each signal in this scan. */
  readonly effects: Float64Array;
  /** Seconds between two scans. */
  readonly step: number;
  /** The scan's time, ms since the epoch. */
  readonly clock: { now: number };
  /** A stream of numbers of its own for each user; of `line` scope, all cells of the line draw the same. */
  random(scope: 'line' | 'cell', user: string): NamedRandom;
}

export function createCell(options: {
  seed: string;
  line: string;
  name: string;
  names: Names;
  period: number;
}): Cell {
  const { seed, line, name, names } = options;
  return {
    name,
    names,
    values: new Float64Array(names.count),
    effects: new Float64Array(names.count),
    step: options.period / 1000,
    clock: { now: 0 },
    random: (scope, user) =>
      new NamedRandom(`${seed}|${scope === 'line' ? line : `${line}/${name}`}|${user}`),
  };
}

/** A number, or a variable's present value. */
export function quantity(cell: Cell, of: number | string): () => number {
  if (typeof of === 'number') return () => of;
  const { values } = cell;
  const place = cell.names.index(of);
  return () => values[place] ?? Number.NaN;
}

/** 1 + by × max(0, with − above) */
export function growthFactor(cell: Cell, rule: GrowthRule | undefined): () => number {
  if (rule === undefined) return () => 1;
  const value = quantity(cell, rule.with);
  return () => 1 + rule.by * Math.max(0, value() - rule.above);
}
