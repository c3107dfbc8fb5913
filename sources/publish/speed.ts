/** Pacing of a source against the wall clock. */
import { pause } from '../../base/retry.ts';

/**
 * Plant seconds per second. `max`: as fast as Kafka takes the records. `live`: each record when the clock reaches its
 * timestamp, for a simulation that starts now.
 */
export type Speed = number | 'max' | 'live';

interface Due {
  readonly timestamp: number;
  readonly due: number;
}

export interface Pacer {
  /** ms of wall time until the record is due; 0 when it is due now. */
  wait(record: Due): number;
  /** Resolves when the record is due, or at once when the signal aborts. */
  reach(record: Due): Promise<void>;
}

/** Makes a pace. The time of a replay starts with the first call. @param clock ms since the epoch */
export function createPacer(speed: Speed, signal: AbortSignal | undefined, clock = () => Date.now()): Pacer {
  let start: number | undefined;
  const wait = (record: Due): number => {
    if (speed === 'max') return 0;
    if (speed === 'live') return Math.max(0, record.timestamp - clock());
    start ??= clock() - record.due / speed;
    return Math.max(0, start + record.due / speed - clock());
  };
  return {
    wait,
    async reach(record) {
      const left = wait(record);
      if (left === 0) return;
      await pause(left, signal);
    },
  };
}
