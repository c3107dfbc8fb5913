/** What the parts of one simulated cell share: values, clock and random numbers. The parts are closures over it. */
import type { GrowthRule } from '../../processes/simulation-schema.ts';
import { NamedRandom } from '../../base/random.ts';
import type { Names } from './names.ts';

export interface Cell {
  readonly name: string;
  readonly names: Names;
  /** The values of the variables after the latest scan. */
  readonly values: Float64Array;
  /** What the disturbances add to each signal in this scan. */
  readonly effects: Float64Array;
  /** Seconds between two scans. */
  readonly step: number;
  /** The scan's time, ms since the epoch. */
  readonly clock: { now: number };
  /** Makes a stream of random numbers for each user. With scope `line`, all cells of the line get the same numbers. */
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

/** Returns a function for a constant, or for a variable's current value. */
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
