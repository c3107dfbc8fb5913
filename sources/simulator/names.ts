/** Lists the variables of a simulation in their order, and checks every reference to them. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Simulation, SignalRule, DisturbanceRule } from '../../processes/simulation-schema.ts';
import { CastwatchError } from '../../base/errors.ts';
import { fillIn } from '../../base/text.ts';

type Scope = 'line' | 'cell';

/** Maps names to indexes in the array of values, in the order of computation. */
export interface Names {
  readonly count: number;
  /** @throws CastwatchError BUG for a name that `planNames` has not listed */
  index(name: string): number;
}

/** The names of an array's variables, row by row. */
export function elementNames(rule: Extract<SignalRule, { is: 'array' }>): string[] {
  return rule.rows.flatMap((_, row) =>
    rule.columns.map((_, column) => fillIn(rule.name, { row: String(row + 1), column: String(column + 1) })),
  );
}

/** @throws CastwatchError DEFINITION with all problems of the section at once */
export function planNames(definition: ProcessDefinition, simulation: Simulation): Names {
  const scopes = new Map<string, Scope>();
  const problems: string[] = [];

  const declare = (name: string, scope: Scope, where: string) => {
    if (scopes.has(name)) problems.push(`${where}: the variable "${name}" exists already`);
    scopes.set(name, scope);
  };
  const refer = (name: string | number, scope: Scope, where: string) => {
    if (typeof name === 'number') return;
    const found = scopes.get(name);
    if (found === undefined) problems.push(`${where}: "${name}" is not defined above (is it further down?)`);
    else if (scope === 'line' && found === 'cell')
      problems.push(`${where}: it has scope line, so it cannot depend on "${name}", which has scope cell`);
  };
  const levels = new Map<string, Scope>();
  const referLevel = (level: string, scope: Scope, where: string) => {
    const found = levels.get(level);
    if (found === undefined) problems.push(`${where}: no piece of level "${level}" is simulated`);
    else if (scope === 'line' && found === 'cell')
      problems.push(`${where}: it has scope line, but level "${level}" has scope cell`);
  };

  for (const piece of simulation.pieces) {
    const where = `simulation.pieces.${piece.level}`;
    if (definition.piece?.levels.includes(piece.level) !== true)
      problems.push(`${where}: the definition's piece has no such level`);
    levels.set(piece.level, piece.scope);
    for (const [property, choices] of Object.entries(piece.properties)) {
      if (definition.piece?.properties.includes(property) !== true)
        problems.push(`${where}.properties.${property}: the definition's piece has no such property`);
      for (const name of new Set(choices.flatMap((choice) => Object.keys(choice.set))))
        declare(name, piece.scope, `${where}.properties.${property}`);
    }
  }
  for (const [id, rule] of Object.entries(simulation.disturbances))
    declare(id, rule.scope, `simulation.disturbances.${id}`);
  for (const [id, rule] of Object.entries(simulation.signals)) {
    const where = `simulation.signals.${id}`;
    for (const name of references(rule)) refer(name, rule.scope, where);
    if (rule.is === 'decay') referLevel(rule.level, rule.scope, where);
    if (rule.is === 'wear') referLevel(rule.replaced.level, rule.scope, where);
    for (const name of rule.is === 'array' ? elementNames(rule) : [id]) declare(name, rule.scope, where);
  }
  for (const [id, rule] of Object.entries(simulation.disturbances))
    checkDisturbance(rule, `simulation.disturbances.${id}`, simulation, refer, problems);
  for (const piece of simulation.pieces)
    if ('by' in piece.lasts) refer(piece.lasts.by, piece.scope, `simulation.pieces.${piece.level}.lasts.by`);
  for (const [id, rule] of Object.entries(simulation.labels.mechanisms))
    for (const name of Object.values(rule.measure).flat())
      if (typeof name === 'string') refer(name, 'cell', `simulation.labels.mechanisms.${id}.measure`);
  for (const tag of definition.tags)
    if (tag.required && !scopes.has(tag.id))
      problems.push(`simulation.signals: no signal has the name of the required tag "${tag.id}"`);

  if (problems.length > 0)
    throw new CastwatchError('DEFINITION', `process ${definition.process}: ${problems.join('; ')}`, {
      remedy: 'Correct these places in the simulation section of the process definition.',
    });

  const places = new Map([...scopes.keys()].map((name, place) => [name, place]));
  return {
    count: places.size,
    index(name) {
      const place = places.get(name);
      if (place === undefined) throw new CastwatchError('BUG', `simulation: no variable "${name}"`);
      return place;
    },
  };
}

/** @throws CastwatchError DEFINITION when the simulation section refers to names that do not exist */
export function checkSimulation(definition: ProcessDefinition): void {
  if (definition.simulation !== undefined) planNames(definition, definition.simulation);
}

/** All variables that a signal reads. */
function references(rule: SignalRule): (string | number)[] {
  const grown = rule.noise?.grows === undefined ? [] : [rule.noise.grows.with];
  switch (rule.is) {
    case 'setpoint':
      return [rule.at, ...grown];
    case 'sum':
      return [rule.base, ...rule.terms.map((term) => term.of), ...grown];
    case 'ratio':
      return [...rule.of, ...grown];
    case 'array':
      return [...rule.terms.map((term) => term.of), ...grown];
    case 'decay':
    case 'wear':
      return grown;
  }
}

/** A disturbance may read any variable, also later ones: it sees the values of the last scan. */
function checkDisturbance(
  rule: DisturbanceRule,
  where: string,
  simulation: Simulation,
  refer: (name: string, scope: Scope, where: string) => void,
  problems: string[],
): void {
  if (rule.grows !== undefined) refer(rule.grows.with, rule.scope, `${where}.grows`);
  if (rule.is === 'front') {
    refer(rule.speed.of, rule.scope, `${where}.speed`);
    if (simulation.signals[rule.array]?.is !== 'array')
      problems.push(`${where}.array: "${rule.array}" is not an array`);
    return;
  }
  for (const name of Object.keys(rule.on)) {
    const target = simulation.signals[name];
    if (target === undefined || target.is === 'array')
      problems.push(`${where}.on: there is no single signal "${name}"`);
    else if (target.scope === 'line' && rule.scope === 'cell')
      problems.push(`${where}.on: "${name}" has scope line, but this disturbance has scope cell`);
  }
}
