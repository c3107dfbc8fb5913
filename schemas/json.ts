/**
 * The JSON form of what producers may send by REST. It has the same content and limits as the Avro contract. Times
 * are ISO 8601 (with zone) or ms since the epoch.
 */
import { z } from 'zod';
import { longLimit } from './avro/guards.ts';
import { textFault, textLimits, unpadded } from '../base/outside-text.ts';
import { timeFault } from '../base/outside-time.ts';
import type { MesEvent, QualityLabel, SensorReading } from './generated/types.ts';

/** One mistake in an input: its place, what is wrong, and what would be right. */
export interface Problem {
  /** As in `measurements[2].value`; empty for the whole value. */
  readonly path: string;
  readonly message: string;
}

export type Result<T> =
  | {
      readonly ok: true;
      readonly value: T;
      /** Number of texts whose padding was cut, see `base/outside-text.ts`; absent when there were none. */
      readonly padded?: number;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A text of the form that `base/outside-text.ts` takes. */
const text = (limit: number) =>
  z
    .string()
    .max(limit)
    .superRefine((given, context) => {
      const fault = textFault(given, limit);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    });
const name = text(textLimits.name).min(1);
const assetPath = text(textLimits.asset).min(1).describe('ISA-95 path: enterprise/site/area/line/cell');

/** Converts ISO 8601 with a zone, or ms since the epoch, to ms since the epoch. */
export const timeJson = z
  .union(
    [z.int().min(0).lt(longLimit), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))],
    'ISO 8601 with a zone (2026-01-31T12:00:00Z) or ms since the epoch',
  )
  .superRefine((at, context) => {
    const fault = timeFault(at);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  })
  .describe('ISO 8601 with a zone, or ms since the epoch');

const sequence = z
  .int()
  .min(0)
  .lt(longLimit)
  .describe('Counts up by one per record of this asset and source');

const measurementJson = z.strictObject({
  tag: name,
  value: z.number().nullable().default(null).describe("In the tag's unit; null when the source had none"),
  quality: z.enum(['GOOD', 'UNCERTAIN', 'BAD']).default('GOOD').describe('OPC UA severity'),
});

export const readingJson = z.strictObject({
  asset: assetPath,
  eventTime: timeJson,
  sequence,
  source: name,
  measurements: z.array(measurementJson).max(5_000),
});

export const mesEventJson = z.strictObject({
  asset: assetPath,
  eventTime: timeJson,
  sequence,
  source: name,
  type: z.enum(['STARTED', 'CHANGED', 'ENDED']),
  level: name,
  id: name,
  properties: z.record(name, text(textLimits.fact)).default({}),
});

export const qualityLabelJson = z.strictObject({
  asset: assetPath,
  eventTime: timeJson.describe(
    'Start of the judged span (inclusive); ISO 8601 with a zone, or ms since the epoch',
  ),
  until: timeJson.describe('End of the judged span (exclusive)'),
  target: name.describe('The target of the process definition'),
  value: z
    .number()
    .describe('1: found; 0: looked, and not found; or a value of target.labels in the process definition'),
  defect: name
    .nullable()
    .default(null)
    .describe('The kind of defect; where the target has classes, the class'),
  piece: z.record(name, name).default({}).describe('The judged piece: level to number'),
  source: name,
  foundAt: timeJson.describe('When the label became known'),
});

export const parseReading = (json: unknown): Result<SensorReading> => parse(readingJson, json);
export const parseMesEvent = (json: unknown): Result<MesEvent> => parse(mesEventJson, json);
export const parseQualityLabel = (json: unknown): Result<QualityLabel> => parse(qualityLabelJson, json);

function parse<T>(shape: z.ZodType<T>, json: unknown): Result<T> {
  const { json: cut, padded } = unpadded(json);
  const parsed = shape.safeParse(cut);
  if (parsed.success) return { ok: true, value: parsed.data, ...(padded > 0 && { padded }) };
  return {
    ok: false,
    problems: parsed.error.issues.map(({ path, message }) => ({
      path: pathText(path),
      message: inPlainWords(message),
    })),
  };
}

/** Rewords a validator's message in plain words. */
export const inPlainWords = (message: string): string =>
  message.endsWith('received undefined') ? 'is missing' : message;

/** `['measurements', 2, 'value']` → `measurements[2].value` */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
