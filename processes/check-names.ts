/** Names must be short enough for every way in, and for the keys of the tables. */
import { textFault, textLimits } from '../base/outside-text.ts';
import type { DefinitionProblem } from './definition-problem.ts';
import { assetPath } from './plant.ts';
import type { ProcessDefinition } from './schema.ts';

type Path = DefinitionProblem['path'];

export function checkNames(
  definition: ProcessDefinition,
  report: (path: Path, message: string) => void,
): void {
  const { tags, piece, target, cells } = definition;
  const check = (name: string, limit: number, path: Path, what: string): void => {
    const fault = textFault(name, limit);
    if (fault !== undefined) report(path, `the ${what} ${name.slice(0, 40)}… ${fault}`);
  };
  const names: (readonly [name: string, path: Path, what: string])[] = [
    ...tags.map(({ id }, index) => [id, ['tags', index, 'id'], 'tag'] as const),
    ...(piece?.levels ?? []).map((level, index) => [level, ['piece', 'levels', index], 'level'] as const),
    ...(piece?.properties ?? []).map(
      (name, index) => [name, ['piece', 'properties', index], 'property'] as const,
    ),
    ...(target.classes ?? []).map((name, index) => [name, ['target', 'classes', index], 'class'] as const),
    [target.id, ['target', 'id'], 'target'],
  ];
  for (const [name, path, what] of names) check(name, textLimits.name, path, what);
  if (cells === 'any') check(assetPath(definition, ''), textLimits.asset - 1, ['hierarchy'], 'asset path');
  else
    cells.forEach((cell, index) => {
      check(assetPath(definition, cell), textLimits.asset, ['cells', index], 'asset path');
    });
}
