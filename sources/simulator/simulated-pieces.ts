/** Pieces of material on a cell: when one ends and the next begins, their properties, and the variables these set. */
import type { PieceRule, Simulation } from '../../processes/simulation-schema.ts';
import type { NamedRandom } from '../../base/random.ts';
import { fillIn } from '../../base/text.ts';
import { quantity, type Cell } from './cell-state.ts';

/** The start or end of a piece, as the MES reports it. */
export interface PieceChange {
  readonly type: 'STARTED' | 'ENDED';
  readonly level: string;
  readonly id: string;
  readonly properties: Readonly<Record<string, string>>;
}

export interface Pieces {
  /** Advances to the scan at `cell.clock.now`. @returns the pieces that began and ended, outermost first */
  advance(): readonly PieceChange[];
  /** The current pieces: level to number. The same object until a piece changes. */
  current(): Readonly<Record<string, string>>;
  /** The number of pieces of the level that have begun. */
  begun(level: string): number;
  /** When the current piece began, ms since the epoch. */
  since(level: string): number;
}

interface Level {
  readonly rule: PieceRule;
  readonly random: NamedRandom;
  readonly speed: () => number;
  count: number;
  id: string;
  properties: Readonly<Record<string, string>>;
  since: number;
  /** What is left of the current piece: ms, or length. */
  left: number;
}

const nothing: readonly PieceChange[] = [];

export function createPieces(cell: Cell, simulation: Simulation): Pieces {
  const levels = simulation.pieces.map((rule): Level => {
    const speed = 'by' in rule.lasts ? quantity(cell, rule.lasts.by) : () => 0;
    const random = cell.random(rule.scope, `piece ${rule.level}`);
    return { rule, random, speed, count: 0, id: '', properties: {}, since: 0, left: 0 };
  });
  const byName = new Map(levels.map((level) => [level.rule.level, level]));
  let current: Readonly<Record<string, string>> = {};

  function begin(level: Level): void {
    const { rule, random } = level;
    level.count++;
    level.since = cell.clock.now;
    level.left = random.between('time' in rule.lasts ? rule.lasts.time : rule.lasts.length);
    level.id = pieceId(rule.id, level.count, cell, current);
    level.properties = choose(rule, random, cell);
    current = { ...current, [rule.level]: level.id };
  }

  return {
    advance() {
      let changes: PieceChange[] | undefined;
      for (const level of levels) {
        const { rule } = level;
        if (level.count > 0) {
          // Speeds are per minute.
          level.left -= 'time' in rule.lasts ? cell.step * 1000 : (level.speed() / 60) * cell.step;
          if (level.left > 0) continue;
          (changes ??= []).push({
            type: 'ENDED',
            level: rule.level,
            id: level.id,
            properties: level.properties,
          });
        }
        begin(level);
        (changes ??= []).push({
          type: 'STARTED',
          level: rule.level,
          id: level.id,
          properties: level.properties,
        });
      }
      return changes ?? nothing;
    },
    current: () => current,
    begun: (level) => byName.get(level)?.count ?? 0,
    since: (level) => byName.get(level)?.since ?? 0,
  };
}

/** Draws the properties, and sets their variables. */
function choose(rule: PieceRule, random: NamedRandom, cell: Cell): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [property, choices] of Object.entries(rule.properties)) {
    let rest = random.uniform() * choices.reduce((sum, choice) => sum + choice.weight, 0);
    const chosen = choices.find((choice) => (rest -= choice.weight) < 0) ?? choices[0];
    if (chosen === undefined) continue;
    properties[property] = chosen.value;
    for (const [name, value] of Object.entries(chosen.set)) cell.values[cell.names.index(name)] = value;
  }
  return properties;
}

function pieceId(
  template: string,
  count: number,
  cell: Cell,
  outer: Readonly<Record<string, string>>,
): string {
  const time = new Date(cell.clock.now).toISOString().replace(/\D/g, '').slice(2, 14);
  const words: Record<string, string> = { ...outer, time, cell: cell.name, number: String(count) };
  return fillIn(template, words);
}
