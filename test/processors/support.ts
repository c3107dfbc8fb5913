/** A small plant, and short functions to make records. */
import { parseDefinition } from '../../processes/load.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type {
  FeatureRow,
  Measurement,
  MesEvent,
  Prediction,
  Quality,
  RejectedReading,
  SensorReading,
  ValidatedReading,
} from '../../schemas/generated/types.ts';
import type { Input, Outcome, Output, Step, StepRecord } from '../../stream/index.ts';

/** Midnight of a day: a multiple of every hop here. */
export const start = Date.UTC(2026, 0, 1);
export const asset = 'E/S/A/L/C1';

const text = `
process: small
title: A small plant
hierarchy: { enterprise: E, site: S, area: A, line: L }
cells: [C1, C2]
time: { period: 1s, grace: 5s, ahead: 10s }
tags:
  - { id: A, title: signal a, unit: mm, range: [0, 200], normal: [40, 60], rate: 20, sentinels: [199], stuckAfter: 10s, hold: 3s }
  - { id: B, title: signal b, unit: °C, range: [-50, 500], normal: [0, 100], anomaly: { window: 20, threshold: 8, atLeast: 5 } }
  - { id: C, title: signal c, unit: bar, range: [0, 10], normal: [1, 2], required: false }
features:
  hop: 5s
  windows: { short: 5s, long: 20s }
  rules:
    - { tags: '*', windows: [short, long], statistics: [last, mean, spread, slope, min, max, range, outOfBand, missing] }
  interactions:
    - { id: AB, title: a times b, operation: product, of: [A.mean.long, B.mean.long] }
    - { id: AperB, title: a per b, operation: ratio, of: [A.mean.long, B.mean.long] }
    - { id: AlessB, title: a less b, operation: difference, of: [AB, B.mean.long] }
    - { id: AwithB, title: a with b, operation: correlation, of: [A, B], window: long }
  sequence: { tags: [A, B], steps: 5, every: 2s }
piece: { levels: [batch, part], properties: [grade] }
target: { id: bad, title: bad part, about: piece, cost: { miss: 10, falseAlarm: 1 }, minCompleteness: 0.5 }
alerts:
  - { id: risk, title: Risk, on: probability, limit: threshold, deadBand: 0.1, onDelay: 10s, offDelay: 10s, priority: HIGH, message: Look. }
  - { id: high, title: A high, on: A.mean.short, limit: 80, deadBand: 10, onDelay: 0s, offDelay: 0s, priority: LOW, message: Look at a. }
`;

export const small: ProcessDefinition = parseDefinition(text, 'small.yaml');

/** The small plant with features and a sequence relative to the baseline. */
export const smallWithBaseline: ProcessDefinition = parseDefinition(
  text
    .replace('hop: 5s\n', 'hop: 5s\n  baseline: { halfLife: 30s }\n')
    .replace('outOfBand, missing]', 'deviation, spreadRatio]')
    .replace('every: 2s }', 'every: 2s, relativeTo: baseline }'),
  'small-with-baseline.yaml',
);

/** The small plant with changes. */
export function smallWith(
  change: (definition: ProcessDefinition) => Partial<ProcessDefinition>,
): ProcessDefinition {
  return { ...small, ...change(small) };
}

export interface Scan {
  /** Seconds after the start. */
  readonly at: number;
  readonly sequence?: number;
  readonly source?: string;
  readonly values: Readonly<Record<string, number | null>>;
  readonly quality?: Readonly<Record<string, Quality>>;
}

export function reading({ at, sequence = at, source = 'test', values, quality = {} }: Scan): SensorReading {
  const measurements = Object.entries(values).map(([tag, value]): Measurement => ({
    tag,
    value,
    quality: quality[tag] ?? 'GOOD',
  }));
  return { asset, eventTime: start + 1_000 * at, sequence, source, measurements };
}

/** A reading as validate writes it. */
export function validated({ at, sequence = at, source = 'test', values }: Scan): ValidatedReading {
  const measurements = small.tags.map(({ id }) => {
    const value = values[id] ?? null;
    return value === null
      ? { tag: id, value, quality: 'BAD' as const, treatment: 'MISSING' as const, reason: 'ABSENT' as const }
      : { tag: id, value, quality: 'GOOD' as const, treatment: 'MEASURED' as const, reason: null };
  });
  const completeness = measurements.filter(({ value }) => value !== null).length / measurements.length;
  return {
    asset,
    eventTime: start + 1_000 * at,
    sequence,
    source,
    completeness,
    outOfOrder: false,
    measurements,
  };
}

export function mesEvent(
  at: number,
  type: MesEvent['type'],
  level: string,
  id: string,
  properties: Record<string, string> = {},
  sequence = at,
): MesEvent {
  return { asset, eventTime: start + 1_000 * at, sequence, source: 'mes', type, level, id, properties };
}

export function row(at: number, change: Partial<FeatureRow> = {}): FeatureRow {
  return {
    asset,
    eventTime: start + 1_000 * at,
    featureSet: 'set',
    values: [],
    sequence: Buffer.alloc(0),
    completeness: 1,
    repaired: 0,
    piece: {},
    ...change,
  };
}

export function prediction(
  at: number,
  probability: number | null,
  change: Partial<Prediction> = {},
): Prediction {
  return {
    asset,
    eventTime: start + 1_000 * at,
    target: 'bad',
    status: probability === null ? 'UNAVAILABLE' : 'OK',
    reason: null,
    probability,
    lower: probability,
    upper: probability,
    confidence: 1,
    models: [],
    contributions: [],
    threshold: 0.5,
    bundle: 'b1',
    modelEntry: 1,
    featureSet: 'set',
    completeness: 1,
    piece: {},
    signals: [],
    classes: [],
    ...change,
  };
}

/** A record. By default it was published at its event time. */
export function record<In extends Input<string, { readonly asset: string; readonly eventTime: number }>>(
  input: In,
  place: Partial<StepRecord<In>> = {},
): StepRecord<In> {
  const { asset: key, eventTime: timestamp } = input.value;
  return { input, key, timestamp, topic: 'in', partition: 0, offset: 0, headers: undefined, ...place };
}

export const readings = (scans: readonly Scan[]) =>
  scans.map((scan, offset) => record({ from: 'readings' as const, value: reading(scan) }, { offset }));

/** Runs records of one key through a step. @returns each record's outcome */
export function runStep<In extends Input, Out extends Output, State>(
  step: Step<In, Out, State>,
  records: readonly StepRecord<In>[],
  state: State = step.create(asset),
): readonly Outcome<Out>[] {
  return records.map((each) => step.process(each, state, undefined));
}

/** Returns all outputs with this name, in order. */
export function outputs<Out extends Output, To extends Out['to']>(
  outcomes: readonly Outcome<Out>[],
  to: To,
): readonly Extract<Out, { to: To }>['value'][] {
  return outcomes.flatMap((outcome) =>
    outcome.kind === 'emit'
      ? outcome.records
          .filter((each): each is Extract<Out, { to: To }> => each.to === to)
          .map(({ value }) => value)
      : [],
  );
}

export const reasons = (rejected: readonly RejectedReading[]): readonly string[] =>
  rejected.flatMap(({ rejections }) =>
    rejections.map(({ tag, reason, treatment }) => `${tag ?? '-'} ${reason} ${treatment}`),
  );
