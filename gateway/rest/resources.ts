/**
 * The answers of the REST API as zod schemas, for the OpenAPI document. The compiler compares each with its type in the code
 * (`satisfies`), so that a changed record changes the document or does not compile.
 */
import { z } from 'zod';
import type { QualifiedAlarm } from './alarm-quality.ts';
import type { Alert, Prediction } from '../../schemas/generated/types.ts';
import type { StoredFinding } from '../../sinks/timescale/queries/rows.ts';
import type { Mark, PlantView, Scan, StandstillView } from '../shared/messages.ts';

/** The type in JSON, where NaN (a missing feature) becomes null. */
type AsJson<T> = T extends number
  ? T | null
  : T extends readonly (infer Item)[]
    ? readonly AsJson<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: AsJson<T[K]> }
      : T;

const time = z.int().describe('ms since the epoch');
const probability = z.number().min(0).max(1).nullable();
const piece = z
  .record(z.string(), z.string())
  .describe('Number of the piece by level, and properties of the piece');

export const standstillResource = z
  .object({
    step: z.string().describe('The step or sink'),
    topic: z.string(),
    partition: z.int(),
    since: time,
    why: z.string(),
  })
  .meta({ id: 'Standstill' }) satisfies z.ZodType<StandstillView>;

const contribution = z
  .object({
    feature: z.string(),
    value: z.number().nullable().describe('Null when missing'),
    contribution: z.number().describe('Effect in log-odds; above 0 raises the probability'),
    text: z.string().describe('In the words and units of the plant'),
  })
  .meta({ id: 'Contribution' });

export const predictionResource = z
  .object({
    asset: z.string(),
    eventTime: time,
    target: z.string(),
    status: z.enum(['OK', 'DEGRADED', 'UNAVAILABLE']),
    reason: z.string().nullable(),
    probability: probability.describe('Calibrated'),
    lower: probability,
    upper: probability,
    confidence: probability.describe('1 − (upper − lower)'),
    models: z.array(z.object({ name: z.string(), probability, weight: z.number() })),
    contributions: z.array(contribution).describe('The strongest first'),
    threshold: z.number(),
    bundle: z.string(),
    modelEntry: z
      .number()
      .describe('Entry of the model registry that made the bundle champion; 0 without a champion'),
    featureSet: z.string(),
    completeness: z.number(),
    piece,
    signals: z
      .array(z.object({ name: z.string(), value: z.number().nullable() }))
      .describe('Values of the features that alert rules watch'),
    classes: z
      .array(z.object({ name: z.string(), probability: z.number().nullable() }))
      .describe(
        'For a target with classes, the probability of each class. `probability` is that of the classes to warn of',
      ),
  })
  .meta({ id: 'Prediction' }) satisfies z.ZodType<AsJson<Prediction>>;

const treatment = z.enum(['MEASURED', 'FLAGGED', 'HELD', 'MISSING', 'DROPPED']);
const reason = z.enum([
  'RANGE',
  'RATE_OF_CHANGE',
  'STUCK',
  'SENTINEL',
  'QUALITY',
  'COMPLETENESS',
  'DUPLICATE',
  'OUT_OF_ORDER',
  'LATE',
  'FUTURE',
  'STATISTICAL_ANOMALY',
  'UNKNOWN_ASSET',
  'UNKNOWN_TAG',
  'NOT_A_NUMBER',
  'ABSENT',
  'OTHER',
]);

export const markResource = z
  .object({
    tag: z.int().describe('Index into the list of tags'),
    treatment,
    quality: z.enum(['GOOD', 'UNCERTAIN', 'BAD']),
    reason: reason.nullable(),
  })
  .meta({
    id: 'Mark',
    description: 'Explains a value that is not both measured and of good quality',
  }) satisfies z.ZodType<Mark>;

export const scanResource = z
  .object({
    asset: z.string(),
    eventTime: time,
    publishedAt: time.nullable().describe('Null for stored readings'),
    values: z.array(z.number().nullable()).describe('In the order of the list of tags'),
    marks: z.array(markResource),
  })
  .meta({ id: 'Scan' }) satisfies z.ZodType<Scan>;

export const rejectionResource = z
  .object({
    asset: z.string(),
    eventTime: time,
    source: z.string(),
    sequence: z.int(),
    dropped: z.boolean().describe('Whether the complete reading was dropped'),
    tag: z.string().nullable().describe('Null when the finding is about the complete reading'),
    value: z.number().nullable(),
    reason,
    treatment,
    detail: z.string().describe('The value that was found and the values that are allowed'),
  })
  .meta({
    id: 'Rejection',
    description: 'One finding of validation about one reading',
  }) satisfies z.ZodType<AsJson<StoredFinding>>;

const priority = z.enum(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']);

export const transitionResource = z
  .object({
    id: z.string(),
    asset: z.string(),
    rule: z.string(),
    priority,
    transition: z.enum([
      'RAISED',
      'ACKNOWLEDGED',
      'RETURNED_TO_NORMAL',
      'CLEARED',
      'SHELVED',
      'UNSHELVED',
      'SUPPRESSED',
      'UNSUPPRESSED',
      'ESCALATED',
      'COMMENTED',
      'OTHER',
    ]),
    step: z.int(),
    eventTime: time,
    raisedAt: time,
    value: z.number(),
    peak: z.number(),
    limit: z.number(),
    message: z.string(),
    contributions: z.array(contribution),
    bundle: z.string(),
    piece,
    actor: z.string().nullable(),
  })
  .meta({ id: 'AlertTransition' }) satisfies z.ZodType<AsJson<Alert>>;

export const alertResource = z
  .object({
    id: z.string(),
    state: z
      .enum(['ACTIVE', 'RETURNED', 'CLEARED'])
      .describe('State by ISA-18.2. RETURNED: back to normal, but not cleared yet'),
    stateSince: time,
    acknowledged: z.boolean(),
    shelved: z.boolean(),
    suppressed: z.boolean(),
    escalated: z.boolean(),
    quality: z
      .enum(['GOOD', 'UNCERTAIN'])
      .describe(
        'As in OPC UA Part 9. UNCERTAIN: the alarm is open and its asset sends no data, so nobody knows whether it still stands',
      ),
    lastDataAt: time
      .nullable()
      .describe('Of an open alarm: when its asset last sent data; null when no data is known'),
    latest: transitionResource.describe('The newest transition'),
  })
  .meta({ id: 'Alert' }) satisfies z.ZodType<AsJson<QualifiedAlarm>>;

const pair = z.tuple([z.number(), z.number()]);

export const plantResource = z
  .object({
    process: z.string(),
    title: z.string(),
    description: z.string(),
    hierarchy: z.object({ enterprise: z.string(), site: z.string(), area: z.string(), line: z.string() }),
    assets: z.array(z.string()).nullable().describe('Null when every cell below the line may send data'),
    scanPeriod: z.number().describe('ms'),
    predictionPeriod: z.number().describe('ms'),
    staleAfter: z.number().describe('ms without a scan after which an asset is stale'),
    tags: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        unit: z.string(),
        group: z.string(),
        range: pair,
        normal: pair,
        required: z.boolean(),
      }),
    ),
    target: z.object({ id: z.string(), title: z.string(), about: z.enum(['piece', 'time', 'row']) }),
    pieceLevels: z.array(z.string()),
    pieceProperties: z.array(z.string()),
    alertRules: z.array(z.object({ id: z.string(), title: z.string(), priority, on: z.string() })),
  })
  .meta({ id: 'Plant' }) satisfies z.ZodType<PlantView>;
