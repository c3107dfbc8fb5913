/** Waiting for what must come true, in place of sleeping. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Resolves with the first answer that is neither false nor undefined. A condition that throws is asked again; its
 * last error becomes the cause of the time-out's.
 */
export async function waitFor<T>(
  condition: () => T | false | undefined | Promise<T | false | undefined>,
  what: string,
  timeoutMs = 15_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let cause: unknown;
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    try {
      const answer = await condition();
      if (answer !== false && answer !== undefined) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > end) throw new Error(`Waited ${String(timeoutMs)} ms in vain for ${what}`, { cause });
    await sleep(pause);
  }
}
