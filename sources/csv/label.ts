/** Reads a row's label: 0 or 1, or a class. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Columns } from './columns.ts';

export type ReadLabel =
  | { readonly kind: 'label'; readonly value: number; readonly defect: string | null }
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed'; readonly what: string; readonly remedy: string };

/** The class of pieces that were inspected and found good. */
const good = 'none';

export function readLabel(
  { target }: ProcessDefinition,
  label: Columns['label'],
  cells: readonly string[],
): ReadLabel {
  if (label === undefined) return { kind: 'none' };
  if (typeof label !== 'number') return oneOf(label, cells);
  const text = (cells[label] ?? '').trim();
  if (text === '') return { kind: 'none' };
  if (target.classes !== undefined) {
    if (target.classes.includes(text)) return classLabel(text);
    const remedy = `A label is one of ${target.classes.join(', ')}, or empty when unknown.`;
    return { kind: 'malformed', what: `"${text}" is not a class of the target`, remedy };
  }
  const value = Number(text);
  if (!Number.isNaN(value)) return { kind: 'label', value, defect: null };
  const remedy = 'A label is 0 or 1, or empty when unknown.';
  return { kind: 'malformed', what: `"${text}" is not a number`, remedy };
}

function oneOf(
  places: readonly { readonly name: string; readonly place: number }[],
  cells: readonly string[],
): ReadLabel {
  const texts = places.map(({ place }) => (cells[place] ?? '').trim());
  if (texts.every((text) => text === '')) return { kind: 'none' };
  const set = places.filter((_, index) => Number(texts[index]) === 1);
  const [only] = set;
  if (only !== undefined && set.length === 1) return classLabel(only.name);
  return {
    kind: 'malformed',
    what: `${set.length} of the columns ${places.map(({ name }) => name).join(', ')} are 1`,
    remedy: 'Set exactly one of them to 1, or leave all empty when the class is unknown.',
  };
}

const classLabel = (name: string): ReadLabel =>
  name === good ? { kind: 'label', value: 0, defect: null } : { kind: 'label', value: 1, defect: name };
