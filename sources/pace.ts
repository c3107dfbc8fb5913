/** Pacing of a replay: plant time against the wall clock. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  /** ms of wall time until this plant time is due; 0 when it is due now. */
  wait(due: number): number;
  /** Resolves when it is due, or at once when the signal aborts. */
  reach(due: number): Promise<void>;
}

/** @param speed plant seconds per second; `max`: everything is due at once. The clock starts with the first call. */
export function createPace(
  speed: number | 'max',
  signal: AbortSignal | undefined,
  clock = () => performance.now(),
): Pace {
  let start: number | undefined;
  const wait = (due: number): number => {
    if (speed === 'max') return 0;
    start ??= clock();
    return Math.max(0, start + due / speed - clock());
  };
  return {
    wait,
    async reach(due) {
      const left = wait(due);
      if (left === 0) return;
      await sleep(left, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
        if (signal?.aborted !== true) throw error;
      });
    },
  };
}
