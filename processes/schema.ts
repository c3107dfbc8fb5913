/**
 * The fields of a process definition. A definition is the only place that knows the plant: tags, units, limits, windows,
 * features, the target and the alert rules. Times are written `500ms`, `5s`, `10m`, `1h` and become ms.
 */
import { z } from 'zod';
import { band, durationInMs, identifier } from './scalars.ts';
import { csvSection } from './csv-schema.ts';
import { simulation } from './simulation-schema.ts';

export { band, durationInMs, identifier };

const hierarchy = z.strictObject({
  enterprise: z.string().min(1),
  site: z.string().min(1),
  area: z.string().min(1),
  line: z.string().min(1),
});

/** The names of the cells, or `any` for every cell below the line (test beds, benchmarks). */
const cells = z.union([z.array(z.string().min(1)).min(1), z.literal('any')]);

const tag = z.strictObject({
  id: identifier,
  title: z.string().min(1),
  unit: z.string(),
  /** The console and the boards show the tags of a group together. */
  group: z.string().default('Signals'),
  /** Possible values; others are rejected as RANGE. */
  range: band,
  /** Usual values. The band scales the sequence and sets the limits of the out-of-band time. */
  normal: band,
  /** Largest believable change in the tag's unit per second; larger ones are rejected as RATE_OF_CHANGE. */
  rate: z.number().positive().optional(),
  /** Values that mean "no value"; rejected as SENTINEL. */
  sentinels: z.array(z.number()).default([]),
  /** A sensor that shows exactly the same value for this long is stuck; its values are rejected as STUCK. */
  stuckAfter: durationInMs.optional(),
  /** A missing required tag lowers the completeness. */
  required: z.boolean().default(true),
  /** How long the last good value may replace a missing one; it is then marked HELD. */
  hold: durationInMs.default(0),
  /** Robust check against the tag's own recent past: |x − median| > threshold × 1.4826 × MAD. */
  anomaly: z
    .strictObject({
      /** Number of recent good values. */
      window: z.number().int().min(8).max(600),
      threshold: z.number().positive(),
      /** Smallest deviation that counts, in the tag's unit, so that the tiny MAD of a flat signal flags nothing. */
      atLeast: z.number().positive(),
    })
    .optional(),
  /** Name of the column in CSV files; default: the id. */
  column: z.string().optional(),
});

export const statistics = [
  'last',
  'mean',
  'spread',
  'slope',
  'min',
  'max',
  'range',
  'outOfBand',
  'missing',
  'deviation',
  'spreadRatio',
] as const;

/** The statistics that need `features.baseline`. */
export const baselineStatistics: readonly Statistic[] = ['deviation', 'spreadRatio'];

const featureRule = z.strictObject({
  /** Tag ids, or `*` for all tags. */
  tags: z.union([z.literal('*'), z.array(identifier).min(1)]),
  windows: z.array(identifier).min(1),
  /**
   * last; mean; spread (sample standard deviation); slope (least squares, unit per second); min; max; range;
   * outOfBand (seconds outside `normal`); missing (share of scans without a value). Compared with the asset's own baseline:
   * deviation ((mean − baseline mean) ÷ baseline spread); spreadRatio (spread ÷ baseline spread).
   */
  statistics: z.array(z.enum(statistics)).min(1),
});

const interaction = z.strictObject({
  id: identifier,
  title: z.string().min(1),
  unit: z.string().default(''),
  operation: z.enum(['product', 'ratio', 'difference', 'correlation']),
  /**
   * Two features (`tag.statistic.window`, or an interaction above this one). For a `correlation`: two tags, and a
   * window. A ratio to zero is missing.
   */
  of: z.tuple([identifier, identifier]),
  window: identifier.optional(),
});

/** The figures of drift and live-quality reports that alert rules may watch, in addition to the probability and features. */
export const driftFigures = ['score', 'worst'] as const;
export const qualityFigures = ['precision', 'recall', 'brier', 'calibrationError'] as const;

const alertRule = z.strictObject({
  id: identifier,
  title: z.string().min(1),
  /**
   * `probability`; a feature's name; `drift.score` or `drift.worst`, the population stability index of the
   * probability or the highest of a feature; `quality.precision`, `.recall`, `.brier` or `.calibrationError`.
   */
  on: identifier,
  /** The alarm is raised `above` or `below` the limit. The limit `threshold` is the bundle's own threshold. */
  direction: z.enum(['above', 'below']).default('above'),
  limit: z.union([z.number(), z.literal('threshold')]),
  /**
   * How far inside the limit a value must be to count as normal again. For a probability at most half of the way from the
   * limit to 0 (below the limit) or to 1 is used; otherwise an alarm with a low threshold could never clear.
   */
  deadBand: z.number().nonnegative(),
  /** How long the value must be beyond the limit before the alarm is raised, in event time. */
  onDelay: durationInMs,
  /** How long the value must be normal again before the alarm clears, in event time. */
  offDelay: durationInMs,
  priority: z.enum(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']),
  /** Tells the operator what the alarm means and what to do. */
  message: z.string().min(1),
});

/** Drift: whether live rows still look like the rows that the models were trained on. */
const drift = z
  .strictObject({
    /** Time span of live rows that is compared with the training rows, per asset. A multiple of the hop. */
    window: durationInMs.default(24 * 3_600_000),
    /** Time between two reports. */
    hop: durationInMs.default(4 * 3_600_000),
    /**
     * A population stability index above this counts as drift. The common reading: below 0.1 no drift, above 0.25 much.
     * The window must have enough rows to distinguish drift from chance.
     */
    warnAbove: z.number().positive().default(0.25),
  })
  .prefault({});

/** Live quality: whether predictions come true. */
const quality = z
  .strictObject({
    /**
     * What a label judges: the predictions within its span of time, or those of its innermost piece. Of these
     * predictions, the one with the highest probability counts.
     */
    by: z.enum(['span', 'piece']).default('span'),
    /** How long a prediction is kept to wait for its label. Later labels judge nothing. */
    retention: durationInMs.default(7 * 86_400_000),
    /** Time span of the judgements behind precision, recall and calibration, per asset. A multiple of the hop. */
    window: durationInMs.default(7 * 86_400_000),
    /** Time between two reports. */
    hop: durationInMs.default(86_400_000),
    /** Fewest cases for which a figure is reported: warnings for precision, defects for recall, judgements for the Brier score. */
    minimum: z.number().int().positive().default(20),
  })
  .prefault({});

/** When a challenger is trained. Promoting it is always an operator's decision. */
const retraining = z
  .strictObject({
    /** A challenger is trained when the champion's newest training data is older than this. */
    after: durationInMs.default(30 * 86_400_000),
    /**
     * A challenger is also trained when this number of drift reports in a row, of one asset, have an index above the
     * limit: the index of the probability (`score`), or the highest of a feature (`worst`).
     */
    reports: z.number().int().positive().default(3),
    on: z.enum(driftFigures).default('score'),
    above: z.number().positive().default(0.25),
    /** Time span of history that the challenger is trained on. */
    history: durationInMs.default(90 * 86_400_000),
    /** Least time between two challengers, so that live quality can judge the first. */
    rest: durationInMs.default(86_400_000),
  })
  .prefault({});

export const processDefinition = z.strictObject({
  process: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]*$/,
      'may contain only lower-case letters, digits and -, and must begin with a letter',
    ),
  title: z.string().min(1),
  description: z.string().default(''),
  hierarchy,
  cells,
  time: z.strictObject({
    /** Expected time between two scans. */
    period: durationInMs,
    /** How far a reading may be behind its asset's watermark; beyond it, the reading is rejected as LATE. */
    grace: durationInMs,
    /** How far the event time of a reading may be ahead of its publication; beyond it, it is rejected as FUTURE. */
    ahead: durationInMs,
    /**
     * How far a reading may be ahead of its asset's latest. One that is further ahead is believed only when it is the third
     * such reading in a row; until then it is rejected as FUTURE. Default: one hour, or 100 periods if that is more.
     */
    leap: durationInMs.optional(),
  }),
  tags: z.array(tag).min(1),
  features: z.strictObject({
    /** Time between two rows. A multiple of the period. */
    hop: durationInMs,
    /** Multiples of the period, by name. */
    windows: z.record(identifier, durationInMs),
    rules: z.array(featureRule).min(1),
    interactions: z.array(interaction).default([]),
    /**
     * The usual level of an asset: a running mean and spread of each tag, in which the weight of a scan halves every
     * `halfLife`. For assets, grades or seasons with different usual levels.
     */
    baseline: z.strictObject({ halfLife: durationInMs }).optional(),
    /** Input of the LSTM: the last `steps` values of these tags, `every` apart. */
    sequence: z
      .strictObject({
        tags: z.union([z.literal('*'), z.array(identifier).min(1)]),
        steps: z.number().int().min(2).max(512),
        every: durationInMs,
        /**
         * `normal`: (value − middle) ÷ half width of the normal band. `baseline`: (value − baseline mean) ÷ baseline
         * spread, at most 10 either way.
         */
        relativeTo: z.enum(['normal', 'baseline']).default('normal'),
      })
      .optional(),
  }),
  piece: z
    .strictObject({
      /** Names of the piece levels, outermost first, such as heat and slab. */
      levels: z.array(identifier).min(1),
      /** Facts that MES events carry and that are copied into predictions, such as the grade. */
      properties: z.array(identifier).default([]),
    })
    .optional(),
  target: z.strictObject({
    id: identifier,
    title: z.string().min(1),
    /** `row`: rows that are independent of each other and in no order. */
    about: z.enum(['piece', 'time', 'row']),
    /**
     * The classes of which each case is one. Without them, the target either occurs or not. `none` is the class of cases
     * that were inspected and found good.
     */
    classes: z.array(identifier).min(2).optional(),
    /** The classes to warn of. The probability of a prediction is that the case is one of these. */
    warnOf: z.array(identifier).min(1).optional(),
    /**
     * What the values of labels mean, if they are not 0 and 1 (or the names of classes): 0, 1 or a class; null for "not
     * inspected". In files only these values are read. On the topic, 0 and 1 keep their meaning.
     */
    labels: z.record(z.string().min(1), z.union([z.literal([0, 1]), identifier, z.null()])).optional(),
    cost: z.strictObject({ miss: z.number().positive(), falseAlarm: z.number().positive() }),
    /** Below this completeness a prediction is UNAVAILABLE. */
    minCompleteness: z.number().min(0).max(1).default(0.5),
  }),
  alerts: z.array(alertRule).default([]),
  drift,
  quality,
  retraining,
  csv: csvSection.optional(),
  simulation: simulation.optional(),
});

/** The definition as the program uses it: times in ms, defaults filled in. */
export type ProcessDefinition = z.output<typeof processDefinition>;
export type Tag = ProcessDefinition['tags'][number];
export type AlertRule = ProcessDefinition['alerts'][number];
export type Statistic = (typeof statistics)[number];
