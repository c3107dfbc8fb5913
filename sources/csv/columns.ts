/** Finds out from a header line what each column contains. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import { CastwatchError } from '../../base/errors.ts';

export interface Columns {
  readonly count: number;
  /** Index of the time column, or of the columns of date and time of day; undefined when rows have no time. */
  readonly time: readonly number[] | undefined;
  readonly tags: readonly { readonly id: string; readonly column: string; readonly place: number }[];
  /** Index of the label column, or of each class's column of 0 and 1; undefined when this file has no labels. */
  readonly label: number | readonly { readonly name: string; readonly place: number }[] | undefined;
  /** The columns that make up the cell's name, when a file contains several cells. */
  readonly cell: readonly { readonly name: string; readonly place: number }[];
  /** The columns that the definition does not mention. */
  readonly unknown: readonly string[];
}

/** Returns the definition's rules for files. @throws CastwatchError DEFINITION when it has none */
export function csvRules(definition: ProcessDefinition): NonNullable<ProcessDefinition['csv']> {
  if (definition.csv !== undefined) return definition.csv;
  throw new CastwatchError(
    'DEFINITION',
    `process ${definition.process}: it has no csv section, so files cannot be read`,
    {
      remedy: 'Add a csv section to the process definition: delimiter, time column and format, cell.',
    },
  );
}

/** @throws CastwatchError INPUT with the file, the missing or repeated column, and the columns that the file has */
export function planColumns(definition: ProcessDefinition, file: string, header: readonly string[]): Columns {
  const rules = csvRules(definition);
  const columns = header.map((name) => name.trim());
  const there = `The file has: ${columns.join(', ')}.`;
  const fail = (what: string, remedy: string): never => {
    throw new CastwatchError('INPUT', `${file}:1 ${what}. ${there}`, { remedy });
  };
  const doubled = columns.find((name, place) => columns.indexOf(name) !== place);
  if (doubled !== undefined) fail(`column "${doubled}" appears twice`, 'Rename or remove one of them.');

  const find = (column: string, wanted: string): number => {
    const place = columns.indexOf(column);
    if (place === -1)
      fail(
        `column "${column}" (${wanted}) is missing`,
        `Check csv.delimiter ("${rules.delimiter}") and the column names in the process definition.`,
      );
    return place;
  };
  const time = rules.time && [rules.time.column].flat().map((column) => find(column, 'the time'));
  const tags = definition.tags.flatMap(({ id, column = id, required }) => {
    if (!required && !columns.includes(column)) return [];
    return [{ id, column, place: find(column, `tag ${id}`) }];
  });
  const cell = cellColumns(rules.cell).map((name) => ({
    name,
    place: find(name, 'part of the cell’s name'),
  }));
  const known = new Set([
    ...[rules.time?.column ?? []].flat(),
    ...[rules.label].flat(),
    ...rules.ignore,
    ...tags.map(({ column }) => column),
    ...cell.map(({ name }) => name),
  ]);
  return {
    count: columns.length,
    time,
    tags,
    label: labelPlaces(rules.label, columns),
    cell,
    unknown: columns.filter((name) => !known.has(name)),
  };
}

/** A file without any of the label's columns has no labels. A file with some of them has labels of those classes. */
function labelPlaces(
  label: string | readonly string[] | undefined,
  columns: readonly string[],
): Columns['label'] {
  if (label === undefined) return undefined;
  if (typeof label === 'string') return columns.includes(label) ? columns.indexOf(label) : undefined;
  const there = label.filter((name) => columns.includes(name));
  return there.length === 0 ? undefined : there.map((name) => ({ name, place: columns.indexOf(name) }));
}

/** The columns that make up a cell's name: the names in braces, except `folder` and `file`. */
export const cellColumns = (template: string): readonly string[] =>
  [...template.matchAll(/\{([^{}]+)\}/g)].flatMap(([, name = '']) =>
    name === 'folder' || name === 'file' ? [] : [name],
  );
