/** Starts the observer and asks it for measurements. */
import { Conversation } from './conversation.ts';
import type { FromObserver, Latencies, ObserverOptions, ToObserver, Window } from './observer-protocol.ts';

export class OutputObserver {
  readonly #process: Conversation<ToObserver, FromObserver>;

  private constructor(process: Conversation<ToObserver, FromObserver>) {
    this.#process = process;
  }

  /** Resolves when the observer has started to read. */
  static async start(options: ObserverOptions): Promise<OutputObserver> {
    const process = new Conversation<ToObserver, FromObserver>('watcher.ts', options);
    await process.answer('ready');
    return new OutputObserver(process);
  }

  /** Counts the records seen on the topic so far, and those in the database. */
  count(topic: string): Promise<{ readonly records: number; readonly rows: number }> {
    return this.#process.ask({ kind: 'count', topic }, 'counted');
  }

  latency(topic: string, window: Window): Promise<Latencies> {
    return this.#process.ask({ kind: 'latency', topic, window }, 'measured');
  }

  stop(): void {
    this.#process.stop();
  }
}
