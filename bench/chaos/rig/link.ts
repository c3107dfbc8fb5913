/** A TCP proxy between processes and a part: a network that can be cut, can swallow everything, or can be slow. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Transform, type TransformCallback } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { loopback } from '../../../local/ports.ts';

export interface Slowness {
  /** ms later, in each direction. */
  readonly delay: number;
  /** Per connection and direction. */
  readonly bytesPerSecond: number;
}

type Condition =
  | { readonly kind: 'good' }
  /** Connections are reset, new ones too. */
  | { readonly kind: 'cut' }
  /** Nothing gets through, and nobody is told: no reset, no end. */
  | { readonly kind: 'black-holed' }
  | { readonly kind: 'slow'; readonly slowness: Slowness };

const good: Condition = { kind: 'good' };

export class TcpLink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target = 0;
  #condition: Condition = good;
  #generation = 0;
  #waiting: (() => void)[] = [];

  private constructor() {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      this.#accept(client);
    });
  }

  /** Listens on a port of its own; where it leads is said later. */
  static async open(): Promise<TcpLink> {
    const link = new TcpLink();
    link.#server.listen(0, loopback);
    await once(link.#server, 'listening');
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections through it, at this moment. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  leadTo(port: number): void {
    this.#target = port;
  }

  /** Resets all connections, and refuses new ones until it is restored. */
  cut(): void {
    this.#set({ kind: 'cut' });
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Lets nothing through until it is restored; what was sent meanwhile comes then, as TCP would send it again. */
  blackHole(): void {
    this.#set({ kind: 'black-holed' });
  }

  /** Lets nothing more through of what is connected now, for ever and without a word; new connections are good. */
  abandon(): void {
    this.#generation += 1;
  }

  slow(slowness: Slowness): void {
    this.#set({ kind: 'slow', slowness });
  }

  restore(): void {
    this.#set(good);
  }

  async close(): Promise<void> {
    this.#set(good);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #set(condition: Condition): void {
    this.#condition = condition;
    for (const go of this.#waiting.splice(0)) go();
  }

  #accept(client: Socket): void {
    if (this.#condition.kind === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.#target, host: loopback, allowHalfOpen: true, noDelay: true });
    const pair = [client, server];
    const generation = this.#generation;
    for (const socket of pair) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined); // its close follows
      socket.once('close', (isBroken) => {
        this.#sockets.delete(socket);
        if (!isBroken) return; // its end is on its way to the other
        // The other end of a broken connection hears of it only when anything gets through.
        void this.#open(generation).then(() => {
          for (const each of pair) each.destroy();
        });
      });
    }
    client.pipe(this.#road(generation)).pipe(server);
    server.pipe(this.#road(generation)).pipe(client);
  }

  /** Resolves when something can get through. */
  async #open(generation: number): Promise<void> {
    while (this.#condition.kind === 'black-holed' || generation !== this.#generation)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** One direction of one connection. */
  #road(generation: number): Transform {
    const open = (): Promise<void> => this.#open(generation);
    const slowness = (): Slowness => (this.#condition.kind === 'slow' ? this.#condition.slowness : none);
    /** When all that was put on the line so far is on it; it arrives later by the delay. */
    let lineFreeAt = 0;
    let arrivals = Promise.resolve();
    return new Transform({
      transform(chunk: Buffer, _encoding, done: TransformCallback) {
        const { delay, bytesPerSecond } = slowness();
        lineFreeAt = Math.max(lineFreeAt, performance.now()) + (1000 * chunk.length) / bytesPerSecond;
        const arrivesAt = lineFreeAt + delay;
        arrivals = arrivals
          .then(() => clock(arrivesAt))
          .then(open)
          .then(() => void this.push(chunk));
        void clock(lineFreeAt)
          .then(open)
          .then(() => {
            done();
          });
      },
      flush(done: TransformCallback) {
        void arrivals.then(() => {
          done();
        });
      },
    });
  }
}

const none: Slowness = { delay: 0, bytesPerSecond: Number.POSITIVE_INFINITY };

/** Resolves at this time of `performance.now()`. */
async function clock(time: number): Promise<void> {
  const ms = time - performance.now();
  if (ms > 0) await sleep(ms);
}
