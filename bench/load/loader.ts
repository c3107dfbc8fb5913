/** Starts the load generator and gives it orders. */
import { Conversation } from './conversation.ts';
import type { FromLoader, LoaderOptions, Paced, ToLoader } from './protocol.ts';

export class Loader {
  readonly #process: Conversation<ToLoader, FromLoader>;

  private constructor(process: Conversation<ToLoader, FromLoader>) {
    this.#process = process;
  }

  /** Resolves when the dataset is in its memory. */
  static async start(options: LoaderOptions): Promise<Loader> {
    const process = new Conversation<ToLoader, FromLoader>('generator.ts', options);
    await process.answer('loaded');
    return new Loader(process);
  }

  /** Sends the records in one transaction. @returns when they became visible, ms since the epoch */
  async fill(order: Omit<ToLoader & { kind: 'fill' }, 'kind'>): Promise<number> {
    return (await this.#process.ask({ kind: 'fill', ...order }, 'filled')).at;
  }

  pace(order: Omit<ToLoader & { kind: 'pace' }, 'kind'>): Promise<Paced> {
    return this.#process.ask({ kind: 'pace', ...order }, 'paced');
  }

  stop(): void {
    this.#process.stop();
  }
}
