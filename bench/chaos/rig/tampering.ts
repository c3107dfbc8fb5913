/**
 * A network that keeps no order: requests of transactions are delayed, overtaken, repeated, or delivered after their
 * connection broke. TCP alone cannot do this; a client that connects again while old packets are still on their way can.
 * What leaves the order of its connection reaches the broker over another one.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Transform, type TransformCallback } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NamedRandom } from '../../../base/random.ts';
import { loopback } from '../../../local/ports.ts';

/** By the protocol's number. */
const tampered = new Map([
  [0, 'Produce'],
  [24, 'AddPartitionsToTxn'],
  [25, 'AddOffsetsToTxn'],
  [26, 'EndTxn'],
  [28, 'TxnOffsetCommit'],
]);

const fates = ['delayed', 'overtaken', 'repeated', 'delivered after a break'] as const;
type Mishap = (typeof fates)[number];

/** Of a hundred requests, this number meets each mishap; the others pass. A break costs the connection, so it is rarer. */
const perHundred: Readonly<Record<Mishap, number>> = {
  delayed: 10,
  overtaken: 10,
  repeated: 20,
  'delivered after a break': 2,
};

export interface TamperingTimes {
  /** ms by which a request is delayed or overtaken. */
  readonly delay: readonly [number, number];
  /** ms until a copy arrives, or a request whose connection broke. */
  readonly late: readonly [number, number];
}

/** Late is longer than a transaction, and than the pause before a member joins again. */
const usualTimes: TamperingTimes = { delay: [50, 1_500], late: [200, 6_000] };

/** One connection of a client. */
export interface TamperedConnection {
  readonly toServer: (frame: Buffer) => void;
  readonly toClient: (frame: Buffer) => void;
  readonly breakOff: () => void;
}

export class Tampering {
  readonly #random: NamedRandom;
  readonly #port: number;
  readonly #times: TamperingTimes;
  readonly #counts = new Map<string, number>();
  readonly #underWay = new Set<Promise<unknown>>();
  #isOver = false;

  constructor(random: NamedRandom, port: number, times: TamperingTimes = usualTimes) {
    this.#random = random;
    this.#port = port;
    this.#times = times;
  }

  /** `3 EndTxn repeated`, by request and mishap. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Lets requests pass again. Resolves when the last late one has arrived. */
  async stop(): Promise<void> {
    this.#isOver = true;
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** Resolves when the next request of the connection may follow. */
  async pass(frame: Buffer, { toServer, toClient, breakOff }: TamperedConnection): Promise<void> {
    const name = tampered.get(frame.readInt16BE(4));
    const mishap = name === undefined || this.#isOver ? undefined : this.#mishap();
    if (mishap === undefined) {
      toServer(frame);
      return;
    }
    const counted = `${name ?? ''} ${mishap}`;
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1);
    const late = this.#random.between(this.#times.late);
    switch (mishap) {
      case 'delayed':
        await sleep(this.#random.between(this.#times.delay));
        toServer(frame);
        return;
      case 'overtaken':
        this.#elsewhere(frame, this.#random.between(this.#times.delay), toClient);
        return;
      case 'repeated':
        toServer(frame);
        this.#elsewhere(frame, late, () => undefined);
        return;
      case 'delivered after a break':
        this.#elsewhere(frame, late, () => undefined);
        breakOff();
    }
  }

  #mishap(): Mishap | undefined {
    let draw = this.#random.below(100);
    return fates.find((fate) => (draw -= perHundred[fate]) < 0);
  }

  /** Sends the request over a connection of its own, later. */
  #elsewhere(frame: Buffer, afterMs: number, answered: (frame: Buffer) => void): void {
    const delivery = sleep(afterMs)
      .then(() => ask(this.#port, frame))
      .then(answered)
      .catch(() => undefined) // the broker refuses some by closing the connection
      .finally(() => this.#underWay.delete(delivery));
    this.#underWay.add(delivery);
  }
}

/** @returns the answer, with its length in front, as the broker sends it */
async function ask(port: number, frame: Buffer): Promise<Buffer> {
  const socket: Socket = connect({ port, host: loopback, noDelay: true });
  try {
    await once(socket, 'connect');
    socket.write(frame);
    const frames = new Frames();
    for await (const chunk of socket) {
      const [answer] = frames.add(chunk as Buffer);
      if (answer !== undefined) return answer;
    }
    throw new Error('the broker closed the connection');
  } finally {
    socket.destroy();
  }
}

/** Cuts a stream of Kafka's protocol into its frames: a length of four bytes, and as many bytes. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): readonly Buffer[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    while (this.#rest.length >= 4) {
      const length = 4 + this.#rest.readInt32BE(0);
      if (this.#rest.length < length) break;
      frames.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
    }
    return frames;
  }
}

/** The client's direction of a connection, frame by frame. */
export function tamperedRoad(
  current: () => Tampering | undefined,
  toClient: (frame: Buffer) => void,
  breakOff: () => void,
): Transform {
  const frames = new Frames();
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const connection: TamperedConnection = {
        toServer: (frame) => void this.push(frame),
        toClient,
        breakOff,
      };
      const passAll = async (): Promise<void> => {
        for (const frame of frames.add(chunk)) {
          const tampering = current();
          if (tampering === undefined) this.push(frame);
          else await tampering.pass(frame, connection);
        }
      };
      passAll().then(
        () => {
          done();
        },
        (error: unknown) => {
          done(error instanceof Error ? error : new Error(String(error)));
        },
      );
    },
  });
}
