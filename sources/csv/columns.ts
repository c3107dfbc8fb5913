/** From a header line to which column is what. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import { CastwatchError } from '../../telemetry/errors.ts';

export interface Columns {
  readonly count: number;
  readonly time: number;
  readonly tags: readonly { readonly id: string; readonly column: string; readonly place: number }[];
  /** Undefined when this file has no labels. */
  readonly label: number | undefined;
  /** Columns that the definition does not mention. */
  readonly unknown: readonly string[];
}

/** The definition's way to read files. @throws CastwatchError DEFINITION when it has none */
export function csvRules(definition: ProcessDefinition): NonNullable<ProcessDefinition['csv']> {
  if (definition.csv !== undefined) return definition.csv;
  throw new CastwatchError(
    'DEFINITION',
    `process ${definition.process}: it does not say how files are read`,
    {
      remedy: 'Add a csv section to the process definition: delimiter, time column and format, cell.',
    },
  );
}

/** @throws CastwatchError INPUT naming the file, what is missing or doubled, and what is there */
export function planColumns(definition: ProcessDefinition, file: string, header: readonly string[]): Columns {
  const rules = csvRules(definition);
  const columns = header.map((name) => name.trim());
  const there = `The file has: ${columns.join(', ')}.`;
  const fail = (what: string, remedy: string): never => {
    throw new CastwatchError('INPUT', `${file}:1 ${what}. ${there}`, { remedy });
  };
  const doubled = columns.find((name, place) => columns.indexOf(name) !== place);
  if (doubled !== undefined) fail(`column "${doubled}" is there twice`, 'Rename or remove one of them.');

  const find = (column: string, wanted: string): number => {
    const place = columns.indexOf(column);
    if (place === -1)
      fail(
        `column "${column}" (${wanted}) is missing`,
        `Check csv.delimiter ("${rules.delimiter}") and the column names in the process definition.`,
      );
    return place;
  };
  const time = find(rules.time.column, 'the time');
  const tags = definition.tags.flatMap(({ id, column = id, required }) => {
    if (!required && !columns.includes(column)) return [];
    return [{ id, column, place: find(column, `tag ${id}`) }];
  });
  const label = rules.label === undefined ? -1 : columns.indexOf(rules.label);
  const known = new Set([
    rules.time.column,
    rules.label,
    ...rules.ignore,
    ...tags.map(({ column }) => column),
  ]);
  return {
    count: columns.length,
    time,
    tags,
    label: label === -1 ? undefined : label,
    unknown: columns.filter((name) => !known.has(name)),
  };
}
