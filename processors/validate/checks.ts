/** The checks of a single value. Each returns a finding in plain words, or undefined. */
import { duration } from '../../base/text.ts';
import type { Tag } from '../../processes/schema.ts';
import type { Measurement, RejectionReason } from '../../schemas/generated/types.ts';
import type { RecentValues } from './recent-values.ts';
import { fieldsPerTag, of, type TagStates } from './state.ts';

export interface Finding {
  readonly reason: RejectionReason;
  readonly detail: string;
}

/** The number of readings in a row that make a jump a new level, not a spike. */
const confirmations = 3;

/** After a longer gap than this, in periods, equal values are no sign of a stuck sensor. */
const silentPeriods = 3;

/** At most six digits: `1449`, `0.0265878`, `3.14159`. */
export const plainNumber = (value: number): string => String(Number(value.toPrecision(6)));

export const withUnit = (value: number, tag: Tag): string => `${plainNumber(value)} ${tag.unit}`.trimEnd();

/** Checks the value by itself, without its past. */
export function checkValue(tag: Tag, measurement: Measurement | undefined): Finding | undefined {
  const value = measurement?.value ?? null;
  if (measurement === undefined || value === null)
    return { reason: 'ABSENT', detail: `${tag.title} has no value` };
  if (!Number.isFinite(value)) return { reason: 'NOT_A_NUMBER', detail: `${tag.title} is ${value}` };
  if (measurement.quality === 'BAD')
    return { reason: 'QUALITY', detail: `the source marks ${tag.title} ${withUnit(value, tag)} as BAD` };
  if (tag.sentinels.includes(value))
    return { reason: 'SENTINEL', detail: `${plainNumber(value)} in ${tag.title} means no value` };
  if (value < tag.range[0] || value > tag.range[1]) return outOfRange(tag, value);
  return undefined;
}

function outOfRange(tag: Tag, value: number): Finding {
  const [low, high] = tag.range;
  const detail = `${tag.title} ${withUnit(value, tag)} is outside ${plainNumber(low)} to ${withUnit(high, tag)}`;
  return { reason: 'RANGE', detail };
}

/** Checks for exactly the same value over `stuckAfter`. Call it for each value that passed `checkValue`, by event time. */
export function checkStuck(
  tag: Tag,
  index: number,
  value: number,
  time: number,
  period: number,
  states: TagStates,
): Finding | undefined {
  if (tag.stuckAfter === undefined) return undefined;
  const { fields } = states;
  const at = index * fieldsPerTag;
  const elapsed = time - (fields[at + of.seenAt] ?? NaN);
  const same = value === fields[at + of.seen] && elapsed <= silentPeriods * period;
  const sameFor = same ? (fields[at + of.sameFor] ?? 0) + elapsed : 0;
  fields[at + of.seen] = value;
  fields[at + of.seenAt] = time;
  fields[at + of.sameFor] = sameFor;
  if (sameFor < tag.stuckAfter) return undefined;
  return {
    reason: 'STUCK',
    detail: `${tag.title} has been exactly ${withUnit(value, tag)} for ${duration(sameFor)}; ${duration(tag.stuckAfter)} is too long for a live sensor`,
  };
}

/**
 * Checks for too fast a change from the last good value. A new level is accepted once three readings in a row agree on it.
 * So a real jump costs two readings, and a wrong last good value cannot block the tag for ever.
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
  const { fields } = states;
  const at = index * fieldsPerTag;
  const good = fields[at + of.good] ?? NaN;
  const seconds = Math.max(time - (fields[at + of.goodAt] ?? NaN), period) / 1_000;
  const change = Math.abs(value - good);
  if (!(change > tag.rate * seconds)) {
    fields[at + of.confirmed] = 0;
    return undefined;
  }
  const since = Math.max(time - (fields[at + of.candidateAt] ?? NaN), period) / 1_000;
  const confirmed = fields[at + of.confirmed] ?? 0;
  const agrees = confirmed > 0 && Math.abs(value - (fields[at + of.candidate] ?? NaN)) <= tag.rate * since;
  fields[at + of.candidate] = value;
  fields[at + of.candidateAt] = time;
  fields[at + of.confirmed] = agrees ? confirmed + 1 : 1;
  if (agrees && confirmed + 1 >= confirmations) {
    fields[at + of.confirmed] = 0;
    return undefined;
  }
  return {
    reason: 'RATE_OF_CHANGE',
    detail: `${tag.title} went from ${plainNumber(good)} to ${withUnit(value, tag)} in ${plainNumber(seconds)} s; at most ${withUnit(tag.rate, tag)} per second is believable`,
  };
}

/** Compares the value with the tag's recent values. Then remembers it, so that a new level becomes the usual one. */
export function checkAnomaly(
  tag: Tag,
  index: number,
  value: number,
  { recent }: TagStates,
): Finding | undefined {
  if (tag.anomaly === undefined) return undefined;
  const ring = recent.shape.ringOf[index] ?? -1;
  const finding = recent.isReady(ring) ? judgeAgainst(tag, tag.anomaly, recent, ring, value) : undefined;
  recent.push(ring, value);
  return finding;
}

function judgeAgainst(
  tag: Tag,
  { threshold, atLeast, window }: NonNullable<Tag['anomaly']>,
  recent: RecentValues,
  ring: number,
  value: number,
): Finding | undefined {
  if (recent.isNearMedian(ring, value, atLeast)) return undefined;
  const { median, mad } = recent.spread(ring);
  const deviation = Math.abs(value - median);
  const allowed = threshold * 1.4826 * mad;
  if (deviation <= Math.max(allowed, atLeast)) return undefined;
  return {
    reason: 'STATISTICAL_ANOMALY',
    detail: `${tag.title} ${withUnit(value, tag)} is ${withUnit(deviation, tag)} from the median of its last ${window} good values (${withUnit(median, tag)}); up to ${withUnit(Math.max(allowed, atLeast), tag)} is usual`,
  };
}
