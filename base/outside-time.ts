/**
 * The times that may come in, by every way: from 1970 to the end of 2099. Any other is wrong or in another unit, and would cost
 * more than its record: a time series is cut by time, and a clock in the far future makes all that follows late.
 */

/** ms since the epoch; `until` is exclusive. */
export const outsideTimes = { from: 0, until: Date.UTC(2100, 0, 1) } as const;

/** Returns why a time is refused, as the end of a sentence; undefined when it is not. @param at ms since the epoch */
export function timeFault(at: number): string | undefined {
  if (at >= outsideTimes.from && at < outsideTimes.until) return undefined;
  const year = new Date(at).getUTCFullYear();
  return `is ${Number.isNaN(year) ? 'beyond all calendars' : `in the year ${year}`}; times from 1970 to 2099 are accepted, in ms since the epoch`;
}
