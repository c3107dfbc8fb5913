/** Signals: closures that compute one variable (or an array of variables) per scan, by their rule. */
import type { SignalRule, TermRule } from '../../processes/simulation-schema.ts';
import type { NamedRandom } from '../../base/random.ts';
import { elementNames } from './names.ts';
import type { Pieces } from './simulated-pieces.ts';
import { growthFactor, quantity, type Cell } from './cell-state.ts';

export type Update = () => void;

type Kind<K extends SignalRule['is']> = Extract<SignalRule, { is: K }>;

export function compileSignal(cell: Cell, pieces: Pieces, id: string, rule: SignalRule): Update {
  if (rule.is === 'array') return compileArray(cell, id, rule);
  const random = cell.random(rule.scope, `signal ${id}`);
  const target = compileTarget(cell, pieces, rule, random);
  const finish = compileFinish(cell, cell.names.index(id), rule, random);
  return () => {
    finish(target());
  };
}

function compileTarget(
  cell: Cell,
  pieces: Pieces,
  rule: Exclude<SignalRule, { is: 'array' }>,
  random: NamedRandom,
): () => number {
  switch (rule.is) {
    case 'setpoint':
      return setpoint(cell, rule, random);
    case 'sum': {
      const base = quantity(cell, rule.base);
      const terms = sumOf(cell, rule.terms);
      return () => base() + terms();
    }
    case 'ratio': {
      const above = quantity(cell, rule.of[0]);
      const below = quantity(cell, rule.of[1]);
      return () => (rule.gain * above()) / below();
    }
    case 'decay':
      return decay(cell, pieces, rule, random);
    case 'wear':
      return wear(cell, pieces, rule, random);
  }
}

function setpoint(cell: Cell, rule: Kind<'setpoint'>, random: NamedRandom): () => number {
  const at = quantity(cell, rule.at);
  const { moves } = rule;
  if (moves === undefined) return at;
  let moved = random.between(moves.by);
  let next = Number.NaN;
  return () => {
    // The first move comes at a random time within its interval, as in a plant that is already running.
    if (Number.isNaN(next)) next = cell.clock.now + random.between(moves.every) * random.uniform();
    if (cell.clock.now >= next) {
      moved = random.between(moves.by);
      next = cell.clock.now + random.between(moves.every);
    }
    return at() + moved;
  };
}

function decay(cell: Cell, pieces: Pieces, rule: Kind<'decay'>, random: NamedRandom): () => number {
  let piece = -1;
  let start = 0;
  return () => {
    if (pieces.begun(rule.level) !== piece) {
      piece = pieces.begun(rule.level);
      start = random.between(rule.start);
    }
    return start - (rule.perHour * (cell.clock.now - pieces.since(rule.level))) / 3_600_000;
  };
}

function wear(cell: Cell, pieces: Pieces, rule: Kind<'wear'>, random: NamedRandom): () => number {
  const { level, after } = rule.replaced;
  let replaceAt = -1;
  let perSecond = 0;
  let worn = 0;
  return () => {
    const begun = pieces.begun(level);
    if (begun >= replaceAt) {
      replaceAt = begun + after[0] + random.below(after[1] - after[0] + 1);
      perSecond = random.between(rule.perHour) / 3600;
      worn = 0;
    }
    worn += perSecond * cell.step;
    return worn;
  };
}

function compileArray(cell: Cell, id: string, rule: Kind<'array'>): Update {
  const names = elementNames(rule);
  const terms = sumOf(cell, rule.terms);
  const elements = names.map((name, place) => {
    const row = rule.rows[Math.floor(place / rule.columns.length)];
    const finish = compileFinish(
      cell,
      cell.names.index(name),
      rule,
      cell.random(rule.scope, `signal ${id} ${name}`),
    );
    return { base: row?.base ?? 0, scale: row?.scale ?? 1, finish };
  });
  return () => {
    const common = terms();
    for (const element of elements) element.finish(element.base + element.scale * common);
  };
}

function sumOf(cell: Cell, rules: readonly TermRule[]): () => number {
  const terms = rules.map((rule) => ({ of: cell.names.index(rule.of), gain: rule.gain, from: rule.from }));
  const { values } = cell;
  return () => {
    let sum = 0;
    for (const { of, gain, from } of terms) sum += gain * ((values[of] ?? Number.NaN) - from);
    return sum;
  };
}

/** Turns a target into a value: offset, slew, lag, noise, wave, disturbances, limits, in this order. */
function compileFinish(
  cell: Cell,
  place: number,
  rule: SignalRule,
  random: NamedRandom,
): (target: number) => void {
  const offset = rule.offset === undefined ? 0 : random.between(rule.offset);
  const most = rule.slew === undefined ? Number.POSITIVE_INFINITY : rule.slew * cell.step;
  const share = rule.follow === undefined ? 1 : 1 - Math.exp((-1000 * cell.step) / rule.follow);
  const noise = compileNoise(cell, rule.noise, random);
  const wave = compileWave(cell, rule.wave, random);
  const [low, high] = rule.limits ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const { values, effects } = cell;
  let level = Number.NaN;
  return (target) => {
    const goal = target + offset;
    if (Number.isNaN(level)) level = goal;
    else level += Math.max(-most, Math.min(most, (goal - level) * share));
    const value = level + noise() + wave() + (effects[place] ?? 0);
    values[place] = value < low ? low : value > high ? high : value;
  };
}

/** First-order autoregression with the stationary deviation `sigma` and the time constant `tau`. */
function compileNoise(cell: Cell, rule: SignalRule['noise'], random: NamedRandom): () => number {
  if (rule === undefined) return () => 0;
  const keep = rule.tau === 0 ? 0 : Math.exp((-1000 * cell.step) / rule.tau);
  const fresh = rule.sigma * Math.sqrt(1 - keep * keep);
  let state = rule.sigma * random.normal();
  if (rule.grows === undefined) return () => (state = keep * state + fresh * random.normal());
  const factor = growthFactor(cell, rule.grows);
  return () => {
    state = keep * state + fresh * random.normal();
    return state * factor();
  };
}

function compileWave(cell: Cell, rule: SignalRule['wave'], random: NamedRandom): () => number {
  if (rule === undefined) return () => 0;
  const phase = random.uniform();
  return () =>
    rule.amplitude * Math.sin(2 * Math.PI * ((cell.clock.now % rule.period) / rule.period + phase));
}
