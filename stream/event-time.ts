/**
 * Event time, per key. Each key has its own watermark, so that a sensor whose clock runs ahead closes only its
 * own windows. A watermark never goes back. A record is late when its time is more than the grace period before
 * the latest time of its key.
 */

/** The latest event time of a key that has no record yet. */
export const noWatermark = Number.NEGATIVE_INFINITY;

/** @returns the key's latest event time after a record at `eventTime`, ms */
export const advance = (latest: number, eventTime: number): number =>
  eventTime > latest ? eventTime : latest;

/** Returns the time before which a key's records count as complete, ms. */
export const watermark = (latest: number, grace: number): number => latest - grace;

export const isLate = (latest: number, eventTime: number, grace: number): boolean =>
  eventTime < latest - grace;
