/** A TCP proxy between processes and a part: a network that can be cut, can swallow everything, or can be slow. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Transform, type TransformCallback } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NamedRandom } from '../../../base/random.ts';
import { loopback } from '../../../local/ports.ts';
import { Frames, Tampering, tamperedRoad, type TamperingTimes } from './tampering.ts';

export interface Slowness {
  /** Delay in ms, in each direction. */
  readonly delay: number;
  /** Limit per connection and direction. */
  readonly bytesPerSecond: number;
}

type Condition =
  | { readonly kind: 'good' }
  /** Resets all connections, new ones too. */
  | { readonly kind: 'cut' }
  /** Nothing gets through, and neither side notices: there is no reset and no end. */
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
  readonly #speaksKafka: boolean;
  #tampering: Tampering | undefined;

  private constructor(speaksKafka: boolean) {
    this.#speaksKafka = speaksKafka;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      this.#accept(client);
    });
  }

  /**
   * Listens on a port of its own. The target is set later.
   * @param speaksKafka what is carried is Kafka's protocol, so that it can be tampered with
   */
  static async open(speaksKafka = false): Promise<TcpLink> {
    const link = new TcpLink(speaksKafka);
    link.#server.listen(0, loopback);
    await once(link.#server, 'listening');
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Number of connections through it now. */
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

  /** Lets nothing through until it is restored. It then delivers what was sent before, as TCP would retransmit it. */
  blackHole(): void {
    this.#set({ kind: 'black-holed' });
  }

  /** Lets nothing more through on existing connections, for ever and without a reset. New connections work. */
  abandon(): void {
    this.#generation += 1;
  }

  slow(slowness: Slowness): void {
    this.#set({ kind: 'slow', slowness });
  }

  /** Lets requests of transactions arrive late, twice and in another order, until it is stopped. */
  tamper(random: NamedRandom, times?: TamperingTimes): Tampering {
    this.#tampering = new Tampering(random, this.#target, times);
    return this.#tampering;
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
        if (!isBroken) return; // its end is already on the way to the other side
        // The other side of a broken connection learns of it only when something can get through.
        void this.#open(generation).then(() => {
          for (const each of pair) each.destroy();
        });
      });
    }
    if (!this.#speaksKafka) {
      client.pipe(this.#road(generation)).pipe(server);
      server.pipe(this.#road(generation)).pipe(client);
      return;
    }
    const back = server.pipe(wholeFrames());
    back.pipe(this.#road(generation)).pipe(client);
    const breakOff = (): void => {
      for (const socket of pair) socket.resetAndDestroy();
    };
    const toClient = (frame: Buffer): void => {
      if (!back.destroyed && !back.writableEnded) back.push(frame);
    };
    const tampered = tamperedRoad(() => this.#tampering, toClient, breakOff);
    client.pipe(tampered).pipe(this.#road(generation)).pipe(server);
  }

  /** Resolves when something can get through. */
  async #open(generation: number): Promise<void> {
    while (this.#condition.kind === 'black-holed' || generation !== this.#generation)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Carries one direction of one connection. */
  #road(generation: number): Transform {
    const open = (): Promise<void> => this.#open(generation);
    const slowness = (): Slowness => (this.#condition.kind === 'slow' ? this.#condition.slowness : none);
    /** When the line has taken everything written so far. The bytes arrive after the delay. */
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

/** Answers that come from elsewhere go between frames, never into one. */
function wholeFrames(): Transform {
  const frames = new Frames();
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      for (const frame of frames.add(chunk)) this.push(frame);
      done();
    },
  });
}

const none: Slowness = { delay: 0, bytesPerSecond: Number.POSITIVE_INFINITY };

/** Resolves when `performance.now()` reaches this time. */
async function clock(time: number): Promise<void> {
  const ms = time - performance.now();
  if (ms > 0) await sleep(ms);
}
