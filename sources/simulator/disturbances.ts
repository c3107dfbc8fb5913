/** Disturbances: episodes that begin by chance and add to signals while they last. */
import type { DisturbanceRule, Simulation } from '../../processes/simulation-schema.ts';
import type { NamedRandom } from '../../base/random.ts';
import { elementNames } from './names.ts';
import { growthFactor, quantity, type Cell } from './cell-state.ts';
import type { Update } from './simulated-signals.ts';

type Kind<K extends DisturbanceRule['is']> = Extract<DisturbanceRule, { is: K }>;

/** One episode. Adds its effects for this scan. @returns its strength, or undefined when the episode is over */
type Episode = () => number | undefined;

export function compileDisturbance(
  cell: Cell,
  simulation: Simulation,
  id: string,
  rule: DisturbanceRule,
): Update {
  const random = cell.random(rule.scope, `disturbance ${id}`);
  const begin = compileEpisode(cell, simulation, rule, random);
  const factor = growthFactor(cell, rule.grows);
  const chance = (rule.perHour / 3600) * cell.step;
  const place = cell.names.index(id);
  let running: Episode | undefined;
  return () => {
    if (running === undefined && random.chance(chance * factor())) running = begin();
    const strength = running?.();
    if (strength === undefined) running = undefined;
    cell.values[place] = strength ?? 0;
  };
}

function compileEpisode(
  cell: Cell,
  simulation: Simulation,
  rule: DisturbanceRule,
  random: NamedRandom,
): () => Episode {
  switch (rule.is) {
    case 'pulse':
      return pulse(cell, rule, random);
    case 'oscillation':
      return oscillation(cell, rule, random);
    case 'front':
      return front(cell, simulation, rule, random);
  }
}

function pulse(cell: Cell, rule: Kind<'pulse'>, random: NamedRandom): () => Episode {
  const add = compileAdd(cell, rule.on);
  return () => {
    const size = random.between(rule.size);
    const negative = rule.sign === 'minus' || (rule.sign === 'either' && random.chance(0.5));
    const envelope = trapezoid(cell, random.between(rule.lasts), rule.ramp);
    return () => {
      const height = envelope();
      if (height === undefined) return undefined;
      add(negative ? -size * height : size * height);
      return size * height;
    };
  };
}

function oscillation(cell: Cell, rule: Kind<'oscillation'>, random: NamedRandom): () => Episode {
  const add = compileAdd(cell, rule.on);
  return () => {
    const size = random.between(rule.size);
    const period = random.between(rule.period);
    const envelope = trapezoid(cell, random.between(rule.lasts), rule.ramp);
    const start = cell.clock.now;
    return () => {
      const height = envelope();
      if (height === undefined) return undefined;
      add(size * height * Math.sin((2 * Math.PI * (cell.clock.now - start)) / period));
      return size * height;
    };
  };
}

function front(cell: Cell, simulation: Simulation, rule: Kind<'front'>, random: NamedRandom): () => Episode {
  const array = simulation.signals[rule.array];
  if (array?.is !== 'array') return () => () => undefined; // planNames has refused this
  const speed = quantity(cell, rule.speed.of);
  const sensors = elementNames(array).map((name, place) => ({
    place: cell.names.index(name),
    down: array.rows[Math.floor(place / array.columns.length)]?.at ?? 0,
    across: array.columns[place % array.columns.length] ?? 0,
  }));
  const shape = frontShape(rule);
  return () => {
    const size = random.between(rule.size);
    const origin = array.columns[random.below(array.columns.length)] ?? 0;
    // Start so far above place 0 that no sensor sees the front yet.
    let travelled = -(rule.rise / 1000) * rule.speed.gain * speed();
    return () => {
      const pace = Math.max(rule.speed.gain * speed(), 1e-9);
      travelled += pace * cell.step;
      let strongest = 0;
      let over = true;
      for (const { place, down, across } of sensors) {
        const aside = Math.abs(across - origin);
        const height = shape((travelled - down - rule.slant * aside) / pace);
        if (height === undefined) continue; // passed long ago
        over = false;
        const change = size * Math.exp(-aside / rule.reach) * height;
        cell.effects[place] = (cell.effects[place] ?? 0) + change;
        strongest = Math.max(strongest, Math.abs(change));
      }
      return over ? undefined : strongest;
    };
  };
}

/** What a sensor sees `seconds` after the front has passed it, as a share of the size; undefined when the effect is over. */
function frontShape(rule: Kind<'front'>): (seconds: number) => number | undefined {
  const rise = rule.rise / 1000;
  const fall = rule.fall / 1000;
  const recovery = rule.recovery / 1000;
  return (seconds) => {
    if (seconds <= -rise) return 0;
    if (seconds <= 0) return 1 + seconds / rise;
    if (seconds <= fall) return 1 - ((1 + rule.dip) * seconds) / fall;
    const since = (seconds - fall) / recovery;
    return since > 4 ? undefined : -rule.dip * Math.exp(-since);
  };
}

function compileAdd(cell: Cell, on: Readonly<Record<string, number>>): (amount: number) => void {
  const targets = Object.entries(on).map(([name, gain]) => ({ place: cell.names.index(name), gain }));
  const { effects } = cell;
  return (amount) => {
    for (const { place, gain } of targets) effects[place] = (effects[place] ?? 0) + gain * amount;
  };
}

/** Rises from 0 to 1 in `ramp` ms, stays at 1 until `ramp` ms before the end, then falls; undefined after the end. */
function trapezoid(cell: Cell, lasts: number, ramp: number): () => number | undefined {
  const start = cell.clock.now;
  return () => {
    const since = cell.clock.now - start;
    if (since > lasts) return undefined;
    return ramp === 0 ? 1 : Math.max(0, Math.min(1, since / ramp, (lasts - since) / ramp));
  };
}
