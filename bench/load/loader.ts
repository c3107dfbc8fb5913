/** The load generator, seen from the bench. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { FromLoader, LoaderOptions, Paced, ToLoader } from './protocol.ts';

export class Loader {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when the dataset is in its memory. */
  static async start(options: LoaderOptions): Promise<Loader> {
    const child = fork(join(import.meta.dirname, 'generator.ts'), [JSON.stringify(options)]);
    const loader = new Loader(child);
    await loader.#answer('loaded');
    return loader;
  }

  /** @returns when they became visible, ms since the epoch */
  async fill(order: Omit<ToLoader & { kind: 'fill' }, 'kind'>): Promise<number> {
    return (await this.#ask({ kind: 'fill', ...order }, 'filled')).at;
  }

  pace(order: Omit<ToLoader & { kind: 'pace' }, 'kind'>): Promise<Paced> {
    return this.#ask({ kind: 'pace', ...order }, 'paced');
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  async #ask<K extends FromLoader['kind']>(order: ToLoader, kind: K): Promise<FromLoader & { kind: K }> {
    const answer = this.#answer(kind);
    this.#child.send(order);
    return answer;
  }

  #answer<K extends FromLoader['kind']>(kind: K): Promise<FromLoader & { kind: K }> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#child.off('message', heard);
        this.#child.off('exit', ended);
      };
      const heard = (message: FromLoader): void => {
        settle();
        if (message.kind === kind) resolve(message as FromLoader & { kind: K });
        else
          reject(
            new Error(`the load generator: ${message.kind === 'failed' ? message.message : message.kind}`),
          );
      };
      const ended = (code: number | null): void => {
        settle();
        reject(new Error(`the load generator ended with ${String(code)}`));
      };
      this.#child.on('message', heard);
      this.#child.on('exit', ended);
    });
  }
}
