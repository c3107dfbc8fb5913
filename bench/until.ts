/** Waiting for a state of things. */
import { setTimeout as sleep } from 'node:timers/promises';

/** @throws Error when it does not come about */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
  patienceMs = 240_000,
  pollMs = 50,
): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited ${patienceMs / 1_000} s in vain for ${what}`);
    await sleep(pollMs);
  }
}
