/** The single checks of a value. Each gives undefined, or what was found in plain words. */
import type { Tag } from '../../processes/schema.ts';
import { plainDuration } from '../../processes/plant.ts';
import type { Measurement, RejectionReason } from '../../schemas/generated/types.ts';
import type { RecentValues } from './recent-values.ts';
import type { TagStates } from './state.ts';

export interface Finding {
  readonly reason: RejectionReason;
  readonly detail: string;
}

/** A jump that so many readings in a row confirm is a new level and no spike. */
const confirmations = 3;

/** A silence longer than so many periods says nothing about whether a sensor is stuck. */
const silentPeriods = 3;

/** At most six digits: `1449`, `0.0265878`, `3.14159`. */
export const plainNumber = (value: number): string => String(Number(value.toPrecision(6)));

export const withUnit = (value: number, tag: Tag): string => `${plainNumber(value)} ${tag.unit}`.trimEnd();

/** What can be said of the value alone. */
export function checkValue(tag: Tag, measurement: Measurement | undefined): Finding | undefined {
  const value = measurement?.value ?? null;
  if (measurement === undefined || value === null)
    return { reason: 'ABSENT', detail: `${tag.title} has no value` };
  if (!Number.isFinite(value)) return { reason: 'NOT_A_NUMBER', detail: `${tag.title} is ${value}` };
  if (measurement.quality === 'BAD')
    return { reason: 'QUALITY', detail: `the source marks ${tag.title} ${withUnit(value, tag)} as BAD` };
  if (tag.sentinels.includes(value))
    return { reason: 'SENTINEL', detail: `${plainNumber(value)} in ${tag.title} stands for no value` };
  if (value < tag.range[0] || value > tag.range[1]) return outOfRange(tag, value);
  return undefined;
}

function outOfRange(tag: Tag, value: number): Finding {
  const [low, high] = tag.range;
  const detail = `${tag.title} ${withUnit(value, tag)} is outside ${plainNumber(low)} to ${withUnit(high, tag)}`;
  return { reason: 'RANGE', detail };
}

/** Exactly the same value for `stuckAfter`. Call for each value that passed `checkValue`, in event-time order. */
export function checkStuck(
  tag: Tag,
  index: number,
  value: number,
  time: number,
  period: number,
  states: TagStates,
): Finding | undefined {
  if (tag.stuckAfter === undefined) return undefined;
  const elapsed = time - (states.seenAt[index] ?? NaN);
  const same = value === states.seen[index] && elapsed <= silentPeriods * period;
  const sameFor = same ? (states.sameFor[index] ?? 0) + elapsed : 0;
  states.seen[index] = value;
  states.seenAt[index] = time;
  states.sameFor[index] = sameFor;
  if (sameFor < tag.stuckAfter) return undefined;
  return {
    reason: 'STUCK',
    detail: `${tag.title} has been exactly ${withUnit(value, tag)} for ${plainDuration(sameFor)}; ${plainDuration(tag.stuckAfter)} is too long for a live sensor`,
  };
}

/**
 * Too fast a change from the last good value. A new level is believed once several readings in a row agree
 * on it: a real step costs two readings, and nothing locks up.
 */
export function checkRate(
  tag: Tag,
  index: number,
  value: number,
  time: number,
  period: number,
  states: TagStates,
): Finding | undefined {
  if (tag.rate === undefined) return undefined;
  const good = states.good[index] ?? NaN;
  const seconds = Math.max(time - (states.goodAt[index] ?? NaN), period) / 1_000;
  const change = Math.abs(value - good);
  if (!(change > tag.rate * seconds)) {
    states.confirmed[index] = 0;
    return undefined;
  }
  const since = Math.max(time - (states.candidateAt[index] ?? NaN), period) / 1_000;
  const confirmed = states.confirmed[index] ?? 0;
  const agrees = confirmed > 0 && Math.abs(value - (states.candidate[index] ?? NaN)) <= tag.rate * since;
  states.candidate[index] = value;
  states.candidateAt[index] = time;
  states.confirmed[index] = agrees ? confirmed + 1 : 1;
  if (agrees && confirmed + 1 >= confirmations) {
    states.confirmed[index] = 0;
    return undefined;
  }
  return {
    reason: 'RATE_OF_CHANGE',
    detail: `${tag.title} went from ${plainNumber(good)} to ${withUnit(value, tag)} in ${plainNumber(seconds)} s; at most ${withUnit(tag.rate, tag)} per second is believable`,
  };
}

/** Far from the tag's own recent values. Takes the value in afterwards, so that a new level becomes the usual one. */
export function checkAnomaly(tag: Tag, index: number, value: number, states: TagStates): Finding | undefined {
  const recent = states.recent[index];
  if (tag.anomaly === undefined || recent === undefined) return undefined;
  const finding = recent.ready ? judgeAgainst(tag, tag.anomaly, recent, value) : undefined;
  recent.push(value);
  return finding;
}

function judgeAgainst(
  tag: Tag,
  { threshold, atLeast, window }: NonNullable<Tag['anomaly']>,
  recent: RecentValues,
  value: number,
): Finding | undefined {
  const { median } = recent;
  const deviation = Math.abs(value - median);
  if (deviation <= atLeast) return undefined; // nearly always; spares the deviations' median
  const allowed = threshold * 1.4826 * recent.mad;
  if (deviation <= allowed) return undefined;
  return {
    reason: 'STATISTICAL_ANOMALY',
    detail: `${tag.title} ${withUnit(value, tag)} is ${withUnit(deviation, tag)} from the median of its last ${window} good values (${withUnit(median, tag)}); up to ${withUnit(Math.max(allowed, atLeast), tag)} is usual`,
  };
}
