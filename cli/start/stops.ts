/** Stops everything that was started, in the opposite order, and says on the terminal what it waits for. */
import type { Terminal } from './terminal.ts';

export interface Stop {
  /** Name for the terminal. Left out when stopping takes no time. */
  readonly what?: string;
  readonly stop: () => Promise<unknown>;
}

/** @param stops newest last */
export async function stopAll(stops: readonly Stop[], terminal: Pick<Terminal, 'say'>): Promise<void> {
  if (stops.length === 0) return;
  terminal.say('stopping in order; press Ctrl-C again to end at once');
  for (const { what, stop } of stops.toReversed()) {
    if (what !== undefined) terminal.say(`  stopping ${what} …`);
    await stop();
  }
  terminal.say('stopped');
}
