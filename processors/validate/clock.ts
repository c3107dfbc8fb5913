/**
 * The clock of an asset: the latest event time that was accepted. All times come from sources, and a source whose clock is
 * wrong may also publish with that clock. So a reading far ahead of the asset's latest one is not believed at once: otherwise
 * it would move the clock, and every right reading after it would be late.
 *
 * When the clock has been moved all the same, an operator puts it back: `castwatch assets reset-clock`. The command is a
 * record on `sensor-readings.v1`, so it has its place among the asset's readings, and it takes effect once.
 */
import { duration } from '../../base/text.ts';
import { leapOf } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { SensorReading } from '../../schemas/generated/types.ts';
import { fieldsPerTag, of, type Leap, type ValidateState } from './state.ts';

/** The number of readings in a row, all far ahead and near each other, that move the clock. */
const confirmations = 3;

/**
 * Notes a reading that is neither a repeat nor late.
 * @returns why it is not believed, or undefined
 */
export function disbelief(
  definition: ProcessDefinition,
  eventTime: number,
  state: ValidateState,
): string | undefined {
  const leap = leapOf(definition);
  if (state.latest === -Infinity || eventTime <= state.latest + leap) {
    state.leap = undefined;
    return undefined;
  }
  const count = confirmed(state.leap, eventTime, leap) + 1;
  state.leap = count < confirmations ? { to: eventTime, readings: count } : undefined;
  if (count === confirmations) return undefined;
  return `it is ${duration(eventTime - state.latest)} ahead of the asset's latest; more than ${duration(leap)} is believed from the third reading in a row on, and this is number ${count}`;
}

const confirmed = (before: Leap | undefined, eventTime: number, leap: number): number =>
  before !== undefined && Math.abs(eventTime - before.to) <= leap ? before.readings : 0;

/** Puts the asset's clock back, so that readings near `at` are accepted again. What depends on the old times is forgotten. */
export function putClockBack(definition: ProcessDefinition, at: number, state: ValidateState): void {
  // Half a leap earlier, so that readings before and after `at` are neither late nor too far ahead.
  state.latest = Math.floor(at - leapOf(definition) / 2);
  state.leap = undefined;
  for (const source of state.sources.values()) source.lastUsed = Math.min(source.lastUsed, at);
  const { fields } = state.tags;
  for (let tag = 0; tag < fields.length; tag += fieldsPerTag) {
    for (const field of [of.good, of.goodAt, of.seen, of.seenAt, of.candidate, of.candidateAt])
      fields[tag + field] = NaN;
    for (const field of [of.sameFor, of.confirmed]) fields[tag + field] = 0;
  }
}

/** Begins the names of sources that are Castwatch's own. Other producers may not use such a name. */
export const reservedSource = 'castwatch:';

/** The source of such a command begins with this; who gave it and why follow. */
const prefix = `${reservedSource}reset-clock `;

export const isClockReset = ({ source }: Pick<SensorReading, 'source'>): boolean => source.startsWith(prefix);

/** Who gave the command, and why. */
export const whyOf = ({ source }: Pick<SensorReading, 'source'>): string => source.slice(prefix.length);

export interface ClockReset {
  readonly asset: string;
  /** The right time, ms since the epoch. */
  readonly at: number;
  readonly by: string;
  readonly why: string;
  /** Distinguishes commands with the same reason, for example the time when it was given. */
  readonly sequence: number;
}

/** The command, as a record on `sensor-readings.v1`. */
export const clockReset = ({ asset, at, by, why, sequence }: ClockReset): SensorReading => ({
  asset,
  eventTime: at,
  sequence,
  source: `${prefix}${by}: ${why}`,
  measurements: [],
});
