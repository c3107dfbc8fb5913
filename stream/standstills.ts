/**
 * What stands still in one app or sink. It reports each standstill to the log of breakers, and looks there for an order to
 * go on. Without a log, it only remembers.
 */
import { messageOf, StreamError } from './errors.ts';
import type { StreamLog } from './observer.ts';
import { BreakerLog, noBreakerState, type BreakerState, type Standstill } from './standstill.ts';
import type { ProducerRecord, Transport } from './transport.ts';

export interface StandstillsOptions {
  readonly transport: Transport;
  /** The topic of the log of breakers. */
  readonly topic: string | undefined;
  readonly log: StreamLog;
  /** An operator has told something that stands still to go on. */
  readonly onOrder: (order: string) => void;
}

/** ms from one look at the log to the next, while something stands still. */
const lookEvery = 1_000;

export class Standstills {
  readonly #options: StandstillsOptions;
  readonly #log: BreakerLog | undefined;
  readonly #current = new Map<string, Standstill>();
  #states: ReadonlyMap<string, BreakerState> = new Map();
  #version = '';
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: StandstillsOptions) {
    this.#options = options;
    this.#log = options.topic === undefined ? undefined : new BreakerLog(options.transport, options.topic);
  }

  /** Reads the log; call it before work on new partitions begins. */
  async load(): Promise<void> {
    if (this.#log === undefined) return;
    await this.#writing;
    try {
      this.#version = await this.#log.version();
      this.#states = await this.#log.read();
    } catch (error) {
      if (!(error instanceof StreamError && error.code === 'TOPIC_MISSING')) throw error;
      this.#options.log.warn(
        { topic: this.#options.topic },
        `${error.message}: nobody can see from outside what stands still, or tell it to go on`,
      );
    }
  }

  /** By topic: the breaker of the unit does not count records before this offset. */
  allowance(unit: string): BreakerState['until'] {
    return this.#state(unit).until;
  }

  /** What the log says that stands still, although work on it has begun. */
  reported(unit: string): Standstill | undefined {
    return this.#state(unit).standstill;
  }

  /** The entry that the unit runs again, to be committed with its progress. */
  runningRecord(unit: string): ProducerRecord | undefined {
    return this.#log?.runningRecord(unit);
  }

  /** Reports that a unit runs again. It may be reported twice. */
  goesOn(unit: string): void {
    this.#write((log) => log.running(unit));
  }

  get current(): readonly Standstill[] {
    return [...this.#current.values()];
  }

  /** A unit has stopped. If it stopped at the same place before, it has stood still since then. */
  stop(stopped: Omit<Standstill, 'since'>): void {
    const before = this.#state(stopped.unit).standstill;
    const isSame = before !== undefined && samePlace(before, stopped);
    const standstill = { ...stopped, since: isSame ? before.since : Date.now() };
    this.#current.set(stopped.unit, standstill);
    if (!isSame) this.#write((log) => log.stopped(standstill));
    this.#timer ??= setInterval(() => void this.#look(), lookEvery).unref();
  }

  /** Another member has the unit now. */
  forget(unit: string): void {
    this.#current.delete(unit);
  }

  /** Nothing stands still any more, because all work has ended or begins anew. */
  clear(): void {
    this.#current.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    this.clear();
    await this.#writing;
  }

  #state(unit: string): BreakerState {
    return this.#states.get(unit) ?? noBreakerState;
  }

  async #look(): Promise<void> {
    if (this.#log === undefined) return;
    try {
      const version = await this.#log.version();
      if (version === this.#version || this.#current.size === 0) return;
      const states = await this.#log.read();
      this.#version = version;
      const fresh = this.current.flatMap(({ unit }) => {
        const order = states.get(unit)?.order;
        const known = this.#state(unit).order;
        return order === undefined || (order.at === known?.at && order.why === known.why) ? [] : [order];
      });
      const [order] = fresh;
      if (order === undefined) return;
      for (const { unit, by, why, until } of fresh)
        this.#options.log.info({ unit, by, why, until }, 'an operator has told a stopped breaker to go on');
      this.#options.onOrder(`${order.by} has told ${order.unit} to go on: ${order.why}`);
    } catch (error) {
      this.#options.log.info({ cause: messageOf(error) }, 'the log of breakers cannot be read now');
    }
  }

  #write(write: (log: BreakerLog) => Promise<void>): void {
    const log = this.#log;
    if (log === undefined) return;
    this.#writing = this.#writing
      .then(() => write(log))
      .catch((error: unknown) => {
        this.#options.log.warn({ cause: messageOf(error) }, 'the log of breakers cannot be written');
      });
  }
}

const samePlace = (one: Omit<Standstill, 'since'>, other: Omit<Standstill, 'since'>): boolean =>
  one.positions.length === other.positions.length &&
  one.positions.every(({ topic, offset }) =>
    other.positions.some((position) => position.topic === topic && position.offset === offset),
  );
