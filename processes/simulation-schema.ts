/**
 * The `simulation` section: what a generator needs to know to imitate the plant honestly.
 *
 * Each scan computes variables in this order: what the pieces set, the disturbances' strengths, the signals
 * as listed. A name may refer to whatever comes before it. Variables named like a tag are measured; the
 * others stay hidden. Labels follow from the variables by the mechanisms, and from nothing else.
 */
import { z } from 'zod';
import { band, duration, identifier } from './scalars.ts';

/** `[low, high]`: drawn evenly between the two. */
const pick = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low <= high, 'the first number may not be above the second');
const times = z
  .tuple([duration, duration])
  .refine(([low, high]) => low <= high, 'the first time may not be above the second');
/** A number, or the name of a variable. */
const quantity = z.union([z.number(), identifier]);
/** `line`: the same for every cell, `cell`: each cell its own. */
const scope = z.enum(['line', 'cell']).default('cell');
const sign = z.enum(['plus', 'minus', 'either']).default('plus');

/** gain × (of − from) */
const term = z.strictObject({ of: identifier, gain: z.number(), from: z.number().default(0) });
/** Something is multiplied by 1 + by × max(0, with − above). */
const grows = z.strictObject({ with: identifier, above: z.number().default(0), by: z.number() });

const piece = z.strictObject({
  level: identifier,
  scope,
  /** `{time}` is the start as yyMMddHHmmss (UTC), `{cell}` the cell, `{number}` counts from 1, `{level}` an outer piece. */
  id: z.string().min(1),
  /** A time, or a length of travel: `by` is a variable in length per minute. */
  lasts: z.union([z.strictObject({ time: times }), z.strictObject({ length: pick, by: identifier })]),
  /** Each piece draws one choice per property; `set` gives variables their value while it lasts. */
  properties: z
    .record(
      identifier,
      z
        .array(
          z.strictObject({
            value: z.string().min(1),
            weight: z.number().positive().default(1),
            set: z.record(identifier, z.number()).default({}),
          }),
        )
        .min(1),
    )
    .default({}),
});

/** What every signal may have; the target comes from its kind. */
const common = {
  scope,
  /** A difference of this cell (or line) from its sisters, drawn once and kept. */
  offset: pick.optional(),
  /** Time constant with which the signal follows its target (first order). */
  follow: duration.optional(),
  /** Most that the signal follows its target by in a second. */
  slew: z.number().positive().optional(),
  /** First-order autoregressive noise; white without `tau`. */
  noise: z
    .strictObject({ sigma: z.number().positive(), tau: duration.default(0), grows: grows.optional() })
    .optional(),
  wave: z.strictObject({ amplitude: z.number(), period: duration }).optional(),
  /** Standard deviation of the measurement, which the plant does not feel. */
  error: z.number().positive().optional(),
  /** Measured values are multiples of it. */
  resolution: z.number().positive().optional(),
  limits: band.optional(),
};

const terms = z.array(term).default([]);

const signal = z.discriminatedUnion('is', [
  /** A set point, moved now and then by an amount drawn anew. */
  z.strictObject({
    is: z.literal('setpoint'),
    at: quantity,
    moves: z.strictObject({ every: times, by: pick }).optional(),
    ...common,
  }),
  /** base + Σ gain × (of − from) */
  z.strictObject({ is: z.literal('sum'), base: quantity.default(0), terms, ...common }),
  /** gain × first ÷ second */
  z.strictObject({
    is: z.literal('ratio'),
    of: z.tuple([identifier, identifier]),
    gain: z.number(),
    ...common,
  }),
  /** Begins each piece at a drawn value and falls steadily; `follow` is the mixing of the new with the old. */
  z.strictObject({ is: z.literal('decay'), level: identifier, start: pick, perHour: z.number(), ...common }),
  /** Builds up from zero at a rate drawn anew after each replacement. */
  z.strictObject({
    is: z.literal('wear'),
    perHour: pick,
    /** Replaced after so many pieces of the level. */
    replaced: z.strictObject({ level: identifier, after: z.tuple([z.int().min(1), z.int().min(1)]) }),
    ...common,
  }),
  /**
   * Sensors in rows and columns, one variable each: base + scale × Σ terms, with its own offset and noise.
   * `{row}` and `{column}` in the name count from 1; `at` is the place, down the rows and along the columns.
   */
  z.strictObject({
    is: z.literal('array'),
    name: z.string().includes('{row}').includes('{column}'),
    rows: z.array(z.strictObject({ at: z.number(), base: z.number(), scale: z.number().default(1) })).min(1),
    columns: z.array(z.number()).min(1),
    terms,
    ...common,
  }),
]);

const hazard = {
  scope,
  /** Mean number of beginnings per hour without one going on (a Poisson process). */
  perHour: z.number().positive(),
  grows: grows.optional(),
  /** Of one episode, drawn at its beginning. */
  size: pick,
};
/** Added to each signal: gain × size × shape. */
const on = z.record(identifier, z.number()).refine((map) => Object.keys(map).length > 0, 'names no signal');

/** Something that happens now and then; a variable of its name holds its present strength (size × envelope). */
const disturbance = z.discriminatedUnion('is', [
  /** Up in `ramp`, stays, and down again. */
  z.strictObject({ is: z.literal('pulse'), ...hazard, sign, lasts: times, ramp: duration, on }),
  z.strictObject({
    is: z.literal('oscillation'),
    ...hazard,
    lasts: times,
    ramp: duration,
    period: times,
    on,
  }),
  /**
   * A front that begins at place 0 in some column of an array and moves down the rows and outwards in a V.
   * A sensor rises by `size` in the time `rise` before the front passes, falls below its start by the share
   * `dip` in the time `fall`, and comes back with the time constant `recovery`.
   */
  z.strictObject({
    is: z.literal('front'),
    ...hazard,
    array: identifier,
    /** Place per second = gain × variable. */
    speed: z.strictObject({ of: identifier, gain: z.number().positive() }),
    /** How much later, in place, the front passes per unit of distance to the side. */
    slant: z.number().nonnegative(),
    /** Distance to the side at which it is down to 1/e. */
    reach: z.number().positive(),
    rise: duration,
    fall: duration,
    dip: z.number().min(0).max(1),
    recovery: duration,
  }),
]);

/** What a mechanism looks at. */
const measure = z.union([
  z.strictObject({ value: identifier }),
  z.strictObject({ product: z.tuple([identifier, identifier]) }),
  /** |a − b| ÷ ((a + b) / 2) */
  z.strictObject({ imbalance: z.tuple([identifier, identifier]) }),
  /** Exponentially weighted root mean square about the exponentially weighted mean. */
  z.strictObject({ roughness: identifier, over: duration }),
]);

/**
 * How a defect comes about. Intensity per second: rate × min(most, max(0, (measure − above) / scale)), felt
 * `lag` later. In a span, p_m = 1 − exp(−∫ intensity dt); over all mechanisms and the background
 * p = 1 − Π (1 − p_m); the label is drawn with p.
 */
const mechanism = z.strictObject({
  title: z.string().min(1),
  /** The kind of defect that it leaves. */
  defect: z.string().min(1),
  measure,
  above: z.number(),
  scale: z.number().positive(),
  most: z.number().positive(),
  rate: z.number().positive(),
  lag: duration,
});

export const simulation = z.strictObject({
  pieces: z.array(piece).default([]),
  signals: z.record(identifier, signal),
  disturbances: z.record(identifier, disturbance).default({}),
  labels: z.strictObject({
    /** From the end of the innermost piece until its spans are judged. */
    delay: times,
    /** Defects per hour from causes that no signal shows. */
    background: z.strictObject({ perHour: z.number().nonnegative(), defect: z.string().min(1) }),
    mechanisms: z.record(identifier, mechanism),
  }),
});

export type Simulation = z.output<typeof simulation>;
export type PieceRule = Simulation['pieces'][number];
export type SignalRule = Simulation['signals'][string];
export type DisturbanceRule = Simulation['disturbances'][string];
export type MechanismRule = Simulation['labels']['mechanisms'][string];
export type GrowthRule = z.output<typeof grows>;
export type TermRule = z.output<typeof term>;
