/** Everything that was started, to be stopped in the opposite order, while a person watches. */
import type { Terminal } from './terminal.ts';

export interface Stop {
  /** For people: what is waited for. Left out for what takes no time. */
  readonly what?: string;
  readonly stop: () => Promise<unknown>;
}

/** @param stops newest last */
export async function stopAll(stops: readonly Stop[], terminal: Pick<Terminal, 'say'>): Promise<void> {
  if (stops.length === 0) return;
  terminal.say('stopping in order; Ctrl-C again ends it at once');
  for (const { what, stop } of stops.toReversed()) {
    if (what !== undefined) terminal.say(`  stopping ${what} …`);
    await stop();
  }
  terminal.say('stopped');
}
