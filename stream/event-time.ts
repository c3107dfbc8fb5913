/**
 * Event time, per key. Each key has its own watermark, so that one sensor whose clock runs ahead closes its
 * own windows only. A watermark never goes back; a record is late when its time lies more than the grace
 * period behind the latest time that its key has seen.
 */

/** Before the first record of a key. */
export const noWatermark = Number.NEGATIVE_INFINITY;

/** @returns the key's latest event time after a record at `eventTime`, ms */
export const advance = (latest: number, eventTime: number): number =>
  eventTime > latest ? eventTime : latest;

/** Everything before it may be taken as complete, ms. */
export const watermark = (latest: number, grace: number): number => latest - grace;

export const isLate = (latest: number, eventTime: number, grace: number): boolean =>
  eventTime < latest - grace;

/** Came after a later record, but within grace. */
export const isOutOfOrder = (latest: number, eventTime: number): boolean => eventTime < latest;
