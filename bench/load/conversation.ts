/** Question and answer with a helper process. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

interface Kinded {
  readonly kind: string;
}

export class Conversation<To extends Kinded, From extends Kinded> {
  readonly #name: string;
  readonly #child: ChildProcess;

  /** @param file a script in this folder */
  constructor(file: string, options: unknown) {
    this.#name = file;
    this.#child = fork(join(import.meta.dirname, file), [JSON.stringify(options)]);
  }

  ask<K extends From['kind']>(order: To, kind: K): Promise<From & { kind: K }> {
    const answer = this.answer(kind);
    this.#child.send(order);
    return answer;
  }

  /** Waits for the next message of this kind. @throws Error when the next message has another kind */
  answer<K extends From['kind']>(kind: K): Promise<From & { kind: K }> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#child.off('message', heard);
        this.#child.off('exit', ended);
      };
      const heard = (message: From): void => {
        settle();
        if (message.kind === kind) resolve(message as From & { kind: K });
        else reject(new Error(`${this.#name} sent an unexpected message: ${JSON.stringify(message)}`));
      };
      const ended = (code: number | null): void => {
        settle();
        reject(new Error(`${this.#name} ended with ${String(code)}`));
      };
      this.#child.on('message', heard);
      this.#child.on('exit', ended);
    });
  }

  /** Waits until the process has ended. */
  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
