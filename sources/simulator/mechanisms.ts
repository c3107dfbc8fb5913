/** How defects arise: intensities computed from the variables, effective after a lag. */
import type { MechanismRule } from '../../processes/simulation-schema.ts';
import { quantity, type Cell } from './cell-state.ts';

/** Returns the intensity at this scan, in defects per second, from the variables `lag` ago. */
export type Intensity = () => number;

/** rate × min(most, max(0, (measure − above) / scale)), with the measure of `lag` ago. */
export function compileIntensity(cell: Cell, rule: MechanismRule): Intensity {
  const measure = compileMeasure(cell, rule.measure);
  const past = new Float64Array(Math.round(rule.lag / 1000 / cell.step) + 1);
  let head = 0;
  return () => {
    past[head] = rule.rate * Math.min(rule.most, Math.max(0, (measure() - rule.above) / rule.scale));
    head = (head + 1) % past.length;
    return past[head] ?? 0;
  };
}

function compileMeasure(cell: Cell, rule: MechanismRule['measure']): () => number {
  if ('value' in rule) return quantity(cell, rule.value);
  if ('roughness' in rule) return roughness(cell, rule.roughness, rule.over);
  const [first, second] = 'product' in rule ? rule.product : rule.imbalance;
  const a = quantity(cell, first);
  const b = quantity(cell, second);
  return 'product' in rule ? () => a() * b() : () => Math.abs(a() - b()) / ((a() + b()) / 2);
}

/** Exponentially weighted moments with the time constant `over`, in ms. */
function roughness(cell: Cell, name: string, over: number): () => number {
  const value = quantity(cell, name);
  const share = 1 - Math.exp((-1000 * cell.step) / over);
  let mean = Number.NaN;
  let square = 0;
  return () => {
    const x = value();
    if (Number.isNaN(mean)) mean = x;
    const deviation = x - mean;
    mean += share * deviation;
    square = (1 - share) * (square + share * deviation * deviation);
    return Math.sqrt(square);
  };
}
