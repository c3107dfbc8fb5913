/** Records of every topic that has a table; the same for the same number. */
import type { StoredTopic } from '../../../schemas/catalogue.ts';
import type { ValueOf } from '../../../schemas/values.ts';
import { sampleOf } from './sample.ts';

export const firstTime = Date.UTC(2026, 0, 15, 8, 0, 0);
export const tagNames = ['Level', 'Speed', 'Flow/A'];
const reasons = ['RANGE', 'STUCK', 'RATE_OF_CHANGE'] as const;
const piece = { batch: 'H4711', part: 'S2', grade: 'G "7"\\x' };

export interface SinkRecord<T extends StoredTopic = StoredTopic> {
  readonly topic: T;
  /** The record's key: the asset, or the process. */
  readonly asset: string;
  readonly value: ValueOf<T>;
  readonly timestamp: number;
}

export const assetName = (n: number): string => `works/site/area/line/cell${n % 7}`;

/** A second apart. */
const timeOf = (n: number): number => firstTime + n * 1000;

const wave = (n: number): number => Math.sin(n / 7) * 3;

/** Topics whose records need something special; the others are made from their schema. */
const makers: { readonly [T in StoredTopic]?: (n: number) => ValueOf<T> } = {
  validatedReadings: (n) => ({
    asset: assetName(n),
    eventTime: timeOf(n),
    sequence: n,
    source: 'test',
    completeness: n % 5 === 0 ? 2 / 3 : 1,
    outOfOrder: n % 11 === 0,
    measurements: tagNames.map((tag, index) => ({
      tag,
      value: n % 5 === 0 && index === 2 ? null : wave(n + index),
      quality: n % 7 === 0 ? 'UNCERTAIN' : 'GOOD',
      treatment: n % 5 === 0 && index === 2 ? 'MISSING' : 'MEASURED',
      reason: n % 5 === 0 && index === 2 ? 'ABSENT' : null,
    })),
  }),
  rejectedReadings: (n) => ({
    asset: assetName(n),
    eventTime: timeOf(n),
    sequence: n,
    source: 'test',
    inputPartition: n % 3,
    inputOffset: n,
    dropped: n % 2 === 0,
    rejections: [
      {
        tag: 'Level',
        value: Number.NaN,
        reason: reasons[n % 3] ?? 'OTHER',
        treatment: 'MISSING',
        detail: `tab\there, line\nbreak, back\\slash and "quotes" ${n}`,
      },
      {
        tag: null,
        value: n % 2 === 0 ? Number.POSITIVE_INFINITY : null,
        reason: 'LATE',
        treatment: 'DROPPED',
        detail: '−5 s, ≥ 3 s ☃ 𝛂',
      },
    ],
  }),
  features: (n) => ({
    asset: assetName(n),
    eventTime: timeOf(n),
    featureSet: 'fs1',
    values: [wave(n), Number.NaN, -0, 1e-300, Number.MAX_VALUE, 0.1 + 0.2],
    sequence: Buffer.alloc(16),
    completeness: 0.98,
    repaired: 0.01,
    piece,
  }),
  predictions: (n) => ({
    asset: assetName(n),
    eventTime: timeOf(n),
    target: 'defect',
    status: n % 20 === 0 ? 'UNAVAILABLE' : 'OK',
    reason: n % 20 === 0 ? 'no model' : null,
    probability: n % 20 === 0 ? null : 0.5 + wave(n) / 10,
    lower: n % 20 === 0 ? null : 0.4 + wave(n) / 10,
    upper: n % 20 === 0 ? null : 0.6 + wave(n) / 10,
    confidence: n % 20 === 0 ? null : 0.8,
    models: [
      { name: 'trees', probability: 0.5, weight: 0.6 },
      { name: 'sequence', probability: null, weight: 0.4 },
    ],
    contributions: [
      {
        feature: 'Level.spread.short',
        value: n % 3 === 0 ? Number.NaN : 7.1,
        contribution: 0.8,
        text: 'level spread 7.1 mm, usually 2.4–3.8',
      },
    ],
    signals: [{ name: 'Level.spread.short', value: 7.1 }],
    classes:
      n % 4 === 0
        ? []
        : [
            { name: 'none', probability: 0.75 },
            { name: 'crack', probability: 0.25 },
          ],
    threshold: 0.62,
    bundle: 'b1',
    modelEntry: 1 + (n % 2),
    featureSet: 'fs1',
    completeness: 0.98,
    piece,
  }),
  shadowPredictions: (n) => ({
    asset: assetName(n),
    eventTime: timeOf(n),
    target: 'defect',
    role: n % 2 === 0 ? 'CHALLENGER' : 'SHADOW',
    bundle: 'b2',
    modelEntry: 3,
    status: n % 20 === 0 ? 'UNAVAILABLE' : 'OK',
    reason: n % 20 === 0 ? 'it could not answer' : null,
    probability: n % 20 === 0 ? null : 0.5 + wave(n) / 10,
    lower: null,
    upper: null,
    confidence: n % 20 === 0 ? null : 0.8,
    models: [{ name: 'trees', probability: 0.5, weight: 1 }],
    threshold: 0.62,
    featureSet: 'fs1',
    completeness: 0.98,
    piece,
  }),
  models: (n) => ({
    process: 'plant',
    role: n % 3 === 0 ? 'CHALLENGER' : 'CHAMPION',
    sequence: n + 1,
    eventTime: timeOf(n),
    action: n % 5 === 4 ? 'ROLLED_BACK' : 'PROMOTED',
    bundle: `b${n}`,
    checksum: 'c'.repeat(64),
    featureSet: 'fs1',
    location: `works/b${n}`,
    by: 'Ada',
    why: 'better by "PR-AUC"',
    replaces: n === 0 ? '' : `b${n - 1}`,
    restores: n % 5 === 4 ? n : null,
  }),
  modelEvents: (n) => ({
    process: 'plant',
    role: 'CHAMPION',
    sequence: n + 1,
    bundle: `b${n}`,
    eventTime: timeOf(n),
    kind: n % 4 === 0 ? 'REFUSED' : 'SERVING',
    instance: 'host-1',
    reason: n % 4 === 0 ? 'a file was altered' : null,
    loadMs: 812.5,
  }),
  alerts: (n) => ({
    id: `alert-${Math.floor(n / 3)}`,
    asset: assetName(Math.floor(n / 3)),
    rule: 'probability-high',
    priority: 'HIGH',
    transition: (['RAISED', 'RETURNED_TO_NORMAL', 'CLEARED'] as const)[n % 3] ?? 'OTHER',
    step: n % 3,
    eventTime: timeOf(n),
    raisedAt: timeOf(n - (n % 3)),
    value: 0.7,
    peak: 0.8,
    limit: 0.62,
    message: 'Defect likely',
    contributions: [],
    bundle: 'b1',
    piece,
    actor: null,
  }),
  drift: (n) => ({
    asset: assetName(n),
    eventTime: timeOf(n),
    from: timeOf(n - 600),
    bundle: 'b1',
    featureSet: 'fs1',
    rows: 600,
    chance: n % 4 === 0 ? Number.POSITIVE_INFINITY : 0.02,
    status: n % 4 === 0 ? 'TOO_FEW_ROWS' : 'OK',
    reason: n % 4 === 0 ? '0 rows' : null,
    score: n % 4 === 0 ? null : 0.05,
    worst: n % 4 === 0 ? null : 0.3,
    drifted: n % 4 === 0 ? 0 : 1,
    psi: n % 4 === 0 ? [] : [0.3, 0.1, 0.02],
    strongest:
      n % 4 === 0
        ? []
        : [{ feature: 'Level.mean', psi: 0.3, text: 'level: 31 % of values above 7 mm, usually 10 %' }],
  }),
  judgedPredictions: (n) => ({
    asset: assetName(n),
    eventTime: timeOf(n - 1),
    until: timeOf(n),
    target: 'defect',
    verdict:
      (['TRUE_POSITIVE', 'FALSE_POSITIVE', 'TRUE_NEGATIVE', 'FALSE_NEGATIVE', 'NOT_JUDGED'] as const)[
        n % 5
      ] ?? 'OTHER',
    reason: n % 5 === 4 ? 'NO_PREDICTION' : null,
    label: n % 5 === 4 ? null : Number(n % 5 === 0 || n % 5 === 3),
    defect: n % 5 === 0 ? 'crack' : null,
    source: 'inspection',
    foundAt: timeOf(n + 30),
    predictions: n % 5 === 4 ? 0 : 1,
    predictedAt: n % 5 === 4 ? null : timeOf(n),
    probability: n % 5 === 4 ? null : 0.8 - (n % 5) / 5,
    threshold: n % 5 === 4 ? null : 0.5,
    bundle: n % 5 === 4 ? '' : 'b1',
    piece,
  }),
  liveQuality: (n) => ({
    asset: assetName(n),
    eventTime: timeOf(n),
    from: timeOf(n - 600),
    bundle: 'b1',
    current: true,
    truePositives: 8,
    falsePositives: 2,
    trueNegatives: 80,
    falseNegatives: 2,
    notJudged: { TOO_LATE: 1 },
    precision: 0.8,
    recall: n % 3 === 0 ? null : 0.8,
    brier: 0.04,
    calibrationError: 0.02,
    reason: n % 3 === 0 ? 'too few: 10 defects for a recall' : null,
    calibration: [
      { above: 0, cases: 82, positives: 2, sumProbability: 1.5 },
      { above: 0.9, cases: 10, positives: 8, sumProbability: 9.5 },
    ],
    sumSquaredError: 3.7,
  }),
};

export function makeRecord<T extends StoredTopic>(topic: T, n: number): SinkRecord<T> {
  const made = { asset: assetName(n), process: 'plant' };
  const value = makers[topic]?.(n) ?? sampleOf(topic, n, timeOf(n), made);
  const asset = 'asset' in value ? value.asset : value.process;
  return { topic, asset, value, timestamp: value.eventTime + 250 };
}

export function makeRecords<T extends StoredTopic>(topic: T, from: number, to: number): SinkRecord<T>[] {
  return Array.from({ length: to - from }, (_, index) => makeRecord(topic, from + index));
}
