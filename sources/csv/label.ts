/** Reads a row's label: 0 or 1, a class, or a value that the definition declares. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import { classLabel, labelForm, textMeaning, type LabelMeaning } from '../../processes/target-label.ts';
import type { Columns } from './columns.ts';
import type { NumberReader } from './number.ts';

export type ReadLabel =
  | Exclude<LabelMeaning, { kind: 'malformed' }>
  | { readonly kind: 'malformed'; readonly what: string; readonly remedy: string };

export function readLabel(
  { target }: ProcessDefinition,
  label: Columns['label'],
  cells: readonly string[],
  readNumber: NumberReader,
): ReadLabel {
  if (label === undefined) return { kind: 'unknown' };
  if (typeof label !== 'number') return oneOf(label, cells, readNumber);
  const text = (cells[label] ?? '').trim();
  const meaning = textMeaning(target, text, readNumber(text));
  return meaning.kind === 'malformed' ? { ...meaning, remedy: `A label is ${labelForm(target)}.` } : meaning;
}

interface ClassColumn {
  readonly name: string;
  readonly place: number;
}

function oneOf(
  columns: readonly ClassColumn[],
  cells: readonly string[],
  readNumber: NumberReader,
): ReadLabel {
  const remedy =
    'Set exactly one of them to 1 and the others to 0, or leave all empty when the class is unknown.';
  const values = columns.map(({ name, place }) => {
    const text = (cells[place] ?? '').trim();
    return { name, text, number: text === '' ? NaN : readNumber(text) };
  });
  const wrong = values.find(({ number }) => number !== 0 && number !== 1 && !Number.isNaN(number));
  if (wrong !== undefined)
    return { kind: 'malformed', what: `column "${wrong.name}": "${wrong.text}" is not 0 or 1`, remedy };
  if (values.every(({ number }) => Number.isNaN(number))) return { kind: 'unknown' };
  const set = values.filter(({ number }) => number === 1);
  const [only] = set;
  if (only !== undefined && set.length === 1) return classLabel(only.name);
  const names = columns.map(({ name }) => name).join(', ');
  return { kind: 'malformed', what: `${set.length} of the columns ${names} are 1`, remedy };
}
