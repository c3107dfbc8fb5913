/** Question and answer with a helper process. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

interface Kinded {
  readonly kind: string;
}

export class Conversation<To extends Kinded, From extends Kinded> {
  readonly #name: string;
  readonly #child: ChildProcess;

  /** @param file beside this one */
  constructor(file: string, options: unknown) {
    this.#name = file;
    this.#child = fork(join(import.meta.dirname, file), [JSON.stringify(options)]);
  }

  ask<K extends From['kind']>(order: To, kind: K): Promise<From & { kind: K }> {
    const answer = this.answer(kind);
    this.#child.send(order);
    return answer;
  }

  /** The next thing that it says. @throws Error when that is something else */
  answer<K extends From['kind']>(kind: K): Promise<From & { kind: K }> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#child.off('message', heard);
        this.#child.off('exit', ended);
      };
      const heard = (message: From): void => {
        settle();
        if (message.kind === kind) resolve(message as From & { kind: K });
        else reject(new Error(`${this.#name} says ${JSON.stringify(message)}`));
      };
      const ended = (code: number | null): void => {
        settle();
        reject(new Error(`${this.#name} ended with ${String(code)}`));
      };
      this.#child.on('message', heard);
      this.#child.on('exit', ended);
    });
  }

  /** It ends by itself. */
  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
