/** What a label says about the target of a process: in a file as a text, live as a value and a kind of defect. */
import type { ProcessDefinition } from './schema.ts';

type Target = Pick<ProcessDefinition['target'], 'classes' | 'labels'>;

export type LabelMeaning =
  | {
      readonly kind: 'known';
      /** 1: found. 0: looked, and not found. */
      readonly value: 0 | 1;
      /** The kind of defect: the class, where the target has classes. */
      readonly defect: string | null;
    }
  /** Nobody looked, or the class is not known. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed'; readonly what: string };

const unknown: LabelMeaning = { kind: 'unknown' };
const malformed = (what: string): LabelMeaning => ({ kind: 'malformed', what });

/** The class of pieces that were inspected and found good. */
const good = 'none';
export const classLabel = (name: string): Extract<LabelMeaning, { kind: 'known' }> =>
  name === good ? { kind: 'known', value: 0, defect: null } : { kind: 'known', value: 1, defect: name };

/** What labels may be, for remedies. */
export function labelForm({ classes, labels }: Target): string {
  if (labels !== undefined)
    return `one of ${Object.keys(labels).join(', ')} (target.labels), or empty when unknown`;
  return classes === undefined
    ? '0 or 1, or empty when unknown; target.labels may declare other values'
    : `one of ${classes.join(', ')}, or empty when unknown; target.labels may declare other values`;
}

/** @param number the text as a number; undefined when it is none */
export function textMeaning(target: Target, text: string, number: number | undefined): LabelMeaning {
  if (text === '' || (number !== undefined && Number.isNaN(number))) return unknown;
  const declared = declaredMeaning(target, text, number);
  if (declared !== undefined) return declared;
  const { classes, labels } = target;
  if (labels !== undefined) return malformed(`"${text}" is not a value of target.labels`);
  if (classes !== undefined)
    return classes.includes(text) ? classLabel(text) : malformed(`"${text}" is not a class of the target`);
  if (number === 0 || number === 1) return { kind: 'known', value: number === 1 ? 1 : 0, defect: null };
  return malformed(`"${text}" is not 0 or 1`);
}

/** The meaning of a label on the topic. There, 0 and 1 always mean what the topic's schema says. */
export function liveMeaning(target: Target, { value, defect }: LiveLabel): LabelMeaning {
  if (Number.isNaN(value)) return unknown;
  if (value === 0) return { kind: 'known', value: 0, defect: null };
  if (value !== 1)
    return declaredMeaning(target, String(value), value) ?? malformed(`its value is ${value}, not 0 or 1`);
  const { classes } = target;
  if (classes === undefined) return { kind: 'known', value, defect };
  if (defect === null) return unknown;
  if (classes.includes(defect)) return classLabel(defect);
  return (
    declaredMeaning(target, defect, undefined) ??
    malformed(`its defect ${defect} is not a class of the target`)
  );
}

interface LiveLabel {
  readonly value: number;
  readonly defect: string | null;
}

/** The meaning by `target.labels`; undefined when the value is not declared. `1` and `1.0` are the same value. */
function declaredMeaning(
  { labels }: Target,
  text: string,
  number: number | undefined,
): LabelMeaning | undefined {
  const name = labels === undefined ? undefined : nameIn(labels, text, number);
  if (labels === undefined || name === undefined) return undefined;
  const meant = labels[name] ?? null;
  if (meant === null) return unknown;
  return typeof meant === 'number' ? { kind: 'known', value: meant, defect: null } : classLabel(meant);
}

function nameIn(labels: object, text: string, number: number | undefined): string | undefined {
  if (Object.hasOwn(labels, text)) return text;
  if (number === undefined) return undefined;
  return Object.keys(labels).find((name) => name.trim() !== '' && Number(name) === number);
}
