/**
 * End offsets that are read after the moment of asking. However many tasks ask, each topic has at most one
 * request under way and one waiting.
 */
import type { Transport } from './transport.ts';

type Ends = ReadonlyMap<number, number>;

export class FreshOffsets {
  readonly #transport: Transport;
  readonly #running = new Map<string, Promise<Ends>>();
  readonly #queued = new Map<string, Promise<Ends>>();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Resolves with the end offsets by partition, read after this call began. */
  async of(topic: string): Promise<Ends> {
    const queued = this.#queued.get(topic);
    if (queued !== undefined) return queued;
    const running = this.#running.get(topic);
    if (running === undefined) return this.#start(topic);
    const next = running
      .catch(() => undefined)
      .then(() => {
        this.#queued.delete(topic);
        return this.#start(topic);
      });
    this.#queued.set(topic, next);
    return next;
  }

  #start(topic: string): Promise<Ends> {
    const request = this.#transport.endOffsets(topic).finally(() => {
      if (this.#running.get(topic) === request) this.#running.delete(topic);
    });
    this.#running.set(topic, request);
    return request;
  }
}
