/** Waiting for a state of things. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when the condition holds. @throws Error naming what was waited for */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: () => string,
  timeoutMs = 240_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`after ${timeoutMs / 1000} s still waiting for ${what()}`);
    await sleep(50);
  }
}
