/**
 * What a process definition may say. The file is the only place that knows the plant: tags, units, limits,
 * windows, features, the target and the alert rules. Times are written `500ms`, `5s`, `10m`, `1h` and
 * become milliseconds.
 */
import { z } from 'zod';
import { band, duration, identifier } from './scalars.ts';
import { simulation } from './simulation-schema.ts';

export { band, duration, identifier };

const hierarchy = z.strictObject({
  enterprise: z.string().min(1),
  site: z.string().min(1),
  area: z.string().min(1),
  line: z.string().min(1),
});

/** Either the cells by name, or any cell below the line (test beds, benchmarks). */
const cells = z.union([z.array(z.string().min(1)).min(1), z.literal('any')]);

const tag = z.strictObject({
  id: identifier,
  title: z.string().min(1),
  unit: z.string(),
  /** For people: what the console and the boards show together. */
  group: z.string().default('Signals'),
  /** Outside is impossible: RANGE. */
  range: band,
  /** Where it usually is; scales the sequence, and bounds the out-of-band duration. */
  normal: band,
  /** Largest believable change per second, in the unit: RATE_OF_CHANGE. */
  rate: z.number().positive().optional(),
  /** Values that mean "no value": SENTINEL. */
  sentinels: z.array(z.number()).default([]),
  /** Exactly the same value for so long is a stuck sensor: STUCK. */
  stuckAfter: duration.optional(),
  /** A missing required tag lowers the completeness. */
  required: z.boolean().default(true),
  /** How long the last good value may stand in for a missing one: HELD. */
  hold: duration.default(0),
  /** Robust check against the tag's own recent past: |x − median| > threshold × 1.4826 × MAD. */
  anomaly: z
    .strictObject({
      /** How many recent good values. */
      window: z.number().int().min(8).max(600),
      threshold: z.number().positive(),
      /** The least deviation that counts, in the unit, so that a flat signal's tiny MAD raises nothing. */
      atLeast: z.number().positive(),
    })
    .optional(),
  /** The column in CSV files; the id when left out. */
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

/** Those that need `features.baseline`. */
export const baselineStatistics: readonly Statistic[] = ['deviation', 'spreadRatio'];

const featureRule = z.strictObject({
  /** Tag ids; `*` is all. */
  tags: z.union([z.literal('*'), z.array(identifier).min(1)]),
  windows: z.array(identifier).min(1),
  /**
   * last; mean; spread (sample standard deviation); slope (least squares, unit per second); min; max; range;
   * outOfBand (seconds outside `normal`); missing (share of scans without a value). Against the asset's own baseline:
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
   * Of two features (`tag.statistic.window`, or an interaction above this one); of two tags for
   * `correlation`, with the window. A ratio to zero is missing.
   */
  of: z.tuple([identifier, identifier]),
  window: identifier.optional(),
});

/** What alert rules may watch beside the probability and features: in reports of drift and of live quality. */
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
  /** `above` or `below` the limit raises. The bundle's own threshold when `limit` is `threshold`. */
  direction: z.enum(['above', 'below']).default('above'),
  limit: z.union([z.number(), z.literal('threshold')]),
  /**
   * How far back inside the limit it must come to count as normal again. For a probability at most half of the
   * limit counts, or a low threshold could never be left.
   */
  deadBand: z.number().nonnegative(),
  /** Beyond the limit for so long before it is raised, by event time. */
  onDelay: duration,
  /** Back to normal for so long before it is cleared, by event time. */
  offDelay: duration,
  priority: z.enum(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']),
  /** For the operator: what it means and what to do. */
  message: z.string().min(1),
});

/** Are live rows still like those that the models learnt from? */
const drift = z
  .strictObject({
    /** Rows of so long are compared with the training rows, per asset. A multiple of the hop. */
    window: duration.default(24 * 3_600_000),
    /** One report each. */
    hop: duration.default(4 * 3_600_000),
    /**
     * A population stability index above it counts as drift. By custom, below 0.1 is none and above 0.25 much;
     * a window must hold enough rows to tell it from chance.
     */
    warnAbove: z.number().positive().default(0.25),
  })
  .prefault({});

/** Do predictions come true? */
const quality = z
  .strictObject({
    /**
     * What a label judges: the predictions of its span of time, or those of its piece, the innermost one. Of these the one with the
     * highest probability counts.
     */
    by: z.enum(['span', 'piece']).default('span'),
    /** A prediction is kept for so long for its label to come. Later labels judge nothing. */
    retention: duration.default(7 * 86_400_000),
    /** Precision, recall and calibration are of the judgements of so long, per asset. A multiple of the hop. */
    window: duration.default(7 * 86_400_000),
    /** One report each. */
    hop: duration.default(86_400_000),
    /** Of so many cases at least is a share told: of warnings a precision, of defects a recall, of judgements a Brier score. */
    minimum: z.number().int().positive().default(20),
  })
  .prefault({});

/** When a challenger is trained. It is never promoted by itself. */
const retraining = z
  .strictObject({
    /** When the champion has learnt from nothing younger than this. */
    after: duration.default(30 * 86_400_000),
    /**
     * When so many reports of drift in a row, of one asset, have an index above the limit: that of the probability
     * (`score`), or the highest of a feature (`worst`).
     */
    reports: z.number().int().positive().default(3),
    on: z.enum(driftFigures).default('score'),
    above: z.number().positive().default(0.25),
    /** How far back it learns. */
    history: duration.default(90 * 86_400_000),
    /** A challenger is left to be judged for so long before another one is trained. */
    rest: duration.default(86_400_000),
  })
  .prefault({});

const csv = z.strictObject({
  delimiter: z.string().length(1).default(','),
  /** The columns of files whose first line is data already; the first line names them when left out. */
  header: z.array(z.string().min(1)).min(1).optional(),
  /** Left out where rows have no time (`target.about: row`): they are put one period apart. */
  time: z
    .strictObject({
      column: z.string().min(1),
      /** `datetime` is `YYYY-MM-DD HH:MM:SS[.sss]` in UTC; `iso` has its own zone. */
      format: z.enum(['datetime', 'iso', 'epoch-ms', 'epoch-s']),
    })
    .optional(),
  /**
   * How a file names its cell: `{folder}` and `{file}` are the path's last two parts without the ending, and any
   * other name in braces is a column, of a file that holds several cells.
   */
  cell: z.string().min(1),
  /**
   * The column that holds the target's label, for training and evaluation: 0 or 1, or the name of a class. A list
   * names one column for each class, called like the class, of which one is 1.
   */
  label: z.union([z.string(), z.array(z.string()).min(2)]).optional(),
  /** Columns that are known and not read. */
  ignore: z.array(z.string()).default([]),
});

export const processDefinition = z.strictObject({
  process: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and -, a letter first'),
  title: z.string().min(1),
  description: z.string().default(''),
  hierarchy,
  cells,
  time: z.strictObject({
    /** Expected distance of two scans. */
    period: duration,
    /** How late a reading may be, by its asset's own watermark: beyond it, LATE. */
    grace: duration,
    /** How far a reading's time may be ahead of its publication: beyond it, FUTURE. */
    ahead: duration,
  }),
  tags: z.array(tag).min(1),
  features: z.strictObject({
    /** One row each. A multiple of the period. */
    hop: duration,
    /** Multiples of the period, by name. */
    windows: z.record(identifier, duration),
    rules: z.array(featureRule).min(1),
    interactions: z.array(interaction).default([]),
    /**
     * What has been usual for an asset: a running mean and spread of each tag in which a scan's weight halves every
     * `halfLife`. For assets, grades or seasons that run at levels of their own.
     */
    baseline: z.strictObject({ halfLife: duration }).optional(),
    /** For the LSTM: the last `steps` periods × `every` of these tags. */
    sequence: z
      .strictObject({
        tags: z.union([z.literal('*'), z.array(identifier).min(1)]),
        steps: z.number().int().min(2).max(512),
        every: duration,
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
      /** Outermost first. */
      levels: z.array(identifier).min(1),
      /** Facts that come with mes-events and go into predictions. */
      properties: z.array(identifier).default([]),
    })
    .optional(),
  target: z.strictObject({
    id: identifier,
    title: z.string().min(1),
    /** `row`: rows that are independent of each other and in no order. */
    about: z.enum(['piece', 'time', 'row']),
    /**
     * The kinds of which each case is one; whether or not it is there when left out. `none` is the kind of what was
     * looked at and found good.
     */
    classes: z.array(identifier).min(2).optional(),
    /** The classes that a warning is about: the prediction's probability is that it is one of them. */
    warnOf: z.array(identifier).min(1).optional(),
    cost: z.strictObject({ miss: z.number().positive(), falseAlarm: z.number().positive() }),
    /** Below this completeness a prediction is UNAVAILABLE. */
    minCompleteness: z.number().min(0).max(1).default(0.5),
  }),
  alerts: z.array(alertRule).default([]),
  drift,
  quality,
  retraining,
  csv: csv.optional(),
  simulation: simulation.optional(),
});

/** As written in the file. */
export type ProcessDefinitionInput = z.input<typeof processDefinition>;
/** As the program uses it: times in ms, defaults filled in. */
export type ProcessDefinition = z.output<typeof processDefinition>;
export type Tag = ProcessDefinition['tags'][number];
export type AlertRule = ProcessDefinition['alerts'][number];
export type Statistic = (typeof statistics)[number];
