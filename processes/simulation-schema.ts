/**
 * The `simulation` section: everything that the simulator needs to imitate the plant realistically.
 *
 * Each scan computes variables in this order: those that the pieces set, the strengths of the disturbances, then the
 * signals as listed. A variable may refer to any variable before it. Variables with the name of a tag are measured; the
 * others stay hidden. Labels follow only from the variables, by the mechanisms.
 */
import { z } from 'zod';
import { band, durationInMs, identifier } from './scalars.ts';

/** `[low, high]`: drawn evenly between the two. */
const pick = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low <= high, 'the first number must not be above the second');
const times = z
  .tuple([durationInMs, durationInMs])
  .refine(([low, high]) => low <= high, 'the first time must not be longer than the second');
/** A number, or the name of a variable. */
const quantity = z.union([z.number(), identifier]);
/** `line`: all cells share one value. `cell`: each cell has its own. */
const scope = z.enum(['line', 'cell']).default('cell');
const sign = z.enum(['plus', 'minus', 'either']).default('plus');

/** gain × (of − from) */
const term = z.strictObject({ of: identifier, gain: z.number(), from: z.number().default(0) });
/** A factor: 1 + by × max(0, with − above). */
const grows = z.strictObject({ with: identifier, above: z.number().default(0), by: z.number() });

const piece = z.strictObject({
  level: identifier,
  scope,
  /** `{time}` is the start as yyMMddHHmmss (UTC), `{cell}` the cell, `{number}` counts from 1, `{level}` an outer piece. */
  id: z.string().min(1),
  /** A time, or a length of the strand: `by` is the variable with the speed, in length per minute. */
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

/** Fields that every signal may have. The kind of the signal computes its target value. */
const common = {
  scope,
  /** Constant difference of this cell (or line) from the others, drawn once. */
  offset: pick.optional(),
  /** Time constant with which the signal follows its target (first order). */
  follow: durationInMs.optional(),
  /** Largest change per second with which the signal follows its target. */
  slew: z.number().positive().optional(),
  /** First-order autoregressive noise; white without `tau`. */
  noise: z
    .strictObject({ sigma: z.number().positive(), tau: durationInMs.default(0), grows: grows.optional() })
    .optional(),
  wave: z.strictObject({ amplitude: z.number(), period: durationInMs }).optional(),
  /** Standard deviation of the measurement error, which does not affect the plant. */
  error: z.number().positive().optional(),
  /** Measured values are rounded to multiples of this. */
  resolution: z.number().positive().optional(),
  limits: band.optional(),
};

const terms = z.array(term).default([]);

const signal = z.discriminatedUnion('is', [
  /** A set point that moves at random times by random amounts. */
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
  /** Begins each piece at a random value and falls steadily. `follow` models how the new piece mixes with the old. */
  z.strictObject({ is: z.literal('decay'), level: identifier, start: pick, perHour: z.number(), ...common }),
  /** Builds up from zero at a random rate, which is drawn again after each replacement. */
  z.strictObject({
    is: z.literal('wear'),
    perHour: pick,
    /** Number of pieces of the level after which the part is replaced, drawn between the two. */
    replaced: z.strictObject({ level: identifier, after: z.tuple([z.int().min(1), z.int().min(1)]) }),
    ...common,
  }),
  /**
   * Sensors in rows and columns, each a variable with its own offset and noise: base + scale × Σ terms.
   * `{row}` and `{column}` in the name count from 1. `at` is the position of a row; `columns` are the positions of columns.
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
  /** Mean number of episodes that begin per hour while none is in progress (a Poisson process). */
  perHour: z.number().positive(),
  grows: grows.optional(),
  /** Size of an episode, drawn at its beginning. */
  size: pick,
};
/** Adds gain × size × shape to each signal. */
const on = z.record(identifier, z.number()).refine((map) => Object.keys(map).length > 0, 'names no signal');

/** An episode that begins at random times. A variable with its name has its current strength (size × envelope). */
const disturbance = z.discriminatedUnion('is', [
  /** Rises within `ramp`, stays, and falls within `ramp`. */
  z.strictObject({ is: z.literal('pulse'), ...hazard, sign, lasts: times, ramp: durationInMs, on }),
  z.strictObject({
    is: z.literal('oscillation'),
    ...hazard,
    lasts: times,
    ramp: durationInMs,
    period: times,
    on,
  }),
  /**
   * A front that begins at position 0 in a random column of an array and moves down the rows and outwards in a V.
   * A sensor rises by `size` within `rise` before the front passes, then falls within `fall` to `dip` × `size` below its
   * start, and recovers with the time constant `recovery`.
   */
  z.strictObject({
    is: z.literal('front'),
    ...hazard,
    array: identifier,
    /** Positions per second = gain × variable. */
    speed: z.strictObject({ of: identifier, gain: z.number().positive() }),
    /** How far, in positions, the front lags per unit of distance to the side. */
    slant: z.number().nonnegative(),
    /** Distance to the side at which the front's size has fallen to 1/e. */
    reach: z.number().positive(),
    rise: durationInMs,
    fall: durationInMs,
    dip: z.number().min(0).max(1),
    recovery: durationInMs,
  }),
]);

/** The figure that a mechanism depends on. */
const measure = z.union([
  z.strictObject({ value: identifier }),
  z.strictObject({ product: z.tuple([identifier, identifier]) }),
  /** |a − b| ÷ ((a + b) / 2) */
  z.strictObject({ imbalance: z.tuple([identifier, identifier]) }),
  /** Exponentially weighted root mean square about the exponentially weighted mean. */
  z.strictObject({ roughness: identifier, over: durationInMs }),
]);

/**
 * A cause of defects. Its intensity per second is rate × min(most, max(0, (measure − above) / scale)), delayed by `lag`.
 * In a span, p_m = 1 − exp(−∫ intensity dt). Over all mechanisms and the background, p = 1 − Π (1 − p_m). The label is drawn
 * with probability p.
 */
const mechanism = z.strictObject({
  title: z.string().min(1),
  /** The kind of defect that it causes. */
  defect: z.string().min(1),
  measure,
  above: z.number(),
  scale: z.number().positive(),
  most: z.number().positive(),
  rate: z.number().positive(),
  lag: durationInMs,
});

export const simulation = z.strictObject({
  pieces: z.array(piece).default([]),
  signals: z.record(identifier, signal),
  disturbances: z.record(identifier, disturbance).default({}),
  labels: z.strictObject({
    /** Time from the end of the innermost piece until its labels are published. */
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
