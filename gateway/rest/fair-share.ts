/** Long work in the event loop, in short stretches: between them the gateway answers others. */
import { setImmediate } from 'node:timers/promises';

/** Longest stretch of work, ms. */
const stretch = 10;

/** @returns a function to await between parts of the work; it lets others have their turn when a stretch is over */
export function fairShare(): () => Promise<void> | undefined {
  let begun = performance.now();
  return () => {
    if (performance.now() - begun < stretch) return undefined;
    return setImmediate().then(() => {
      begun = performance.now();
    });
  };
}
