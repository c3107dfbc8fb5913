import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when the condition holds. @throws Error naming what was waited for */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: () => string,
  timeoutMs: number,
): Promise<void> {
  for (const end = Date.now() + timeoutMs; !(await condition()); await sleep(50))
    if (Date.now() > end) throw new Error(`after ${timeoutMs / 1000} s still waiting for ${what()}`);
}
