/**
 * The life of a group member: it joins, works until the membership ends, leaves, waits a little and joins again, until it
 * is stopped. What the partitions are for is the listener's business: a task, a table, a page.
 *
 * There is one membership at a time. Once it has ended, nothing more of it reaches the listener, except that an
 * assignment already under way comes to its end before `left`.
 */
import { toError } from './errors.ts';
import type { StreamLog } from './observer.ts';
import { Backoff, type BackoffOptions } from './retry.ts';
import type {
  ConsumeOptions,
  Consumption,
  GroupListener,
  OffsetToCommit,
  TopicPartition,
  Transport,
} from './transport.ts';

export interface MemberListener extends Pick<GroupListener, 'assigned' | 'records'> {
  /** The membership has ended, and not by `stop`. Called once for each, at once: the group may go on without us. */
  ended(error: Error): void;
  /** Before the member leaves, also when it is stopped: finish what is under way while the partitions are still ours. */
  leaving?(): Promise<void>;
  /** After it has left, also when it is stopped: the partitions belong to others. */
  left?(): Promise<void>;
}

export interface MemberOptions extends Omit<ConsumeOptions, 'listener'> {
  readonly transport: Pick<Transport, 'consume'>;
  readonly listener: MemberListener;
  readonly log: StreamLog;
  /** The pauses before joining again; without them it joins again at once. */
  readonly pauses?: BackoffOptions;
  /**
   * Makes the member join. By default it tries once, and a failure ends the membership. A sink waits for the broker in
   * its own way. @returns undefined when the member was stopped before
   */
  readonly join?: (attempt: () => Promise<Consumption>) => Promise<Consumption | undefined>;
}

/** From joining to leaving. */
interface Membership {
  isOver: boolean;
  consumption: Consumption | undefined;
  readonly ended: PromiseWithResolvers<undefined>;
}

export class GroupMember {
  readonly #options: MemberOptions;
  readonly #backoff: Backoff;
  readonly #stopped = new AbortController();
  readonly #joined = Promise.withResolvers<undefined>();
  #membership: Membership | undefined;
  #life: Promise<void> | undefined;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.pauses ?? { first: 0 });
  }

  /** Resolves when it has joined for the first time, or was stopped before. */
  async start(): Promise<void> {
    this.#life ??= this.#live();
    await this.#joined.promise;
  }

  /** How many memberships have ended since the last `succeeded`. */
  get failures(): number {
    return this.#backoff.failures;
  }

  get isJoined(): boolean {
    return this.#membership?.isOver === false && this.#membership.consumption !== undefined;
  }

  /** The work goes on: the next pause is the first again. */
  succeeded(): void {
    this.#backoff.reset();
  }

  /** Stops fetching these partitions until `resume`, or until the membership ends. */
  pause(partitions: readonly TopicPartition[]): void {
    if (this.#membership?.isOver === false) this.#membership.consumption?.pause(partitions);
  }

  resume(partitions: readonly TopicPartition[]): void {
    if (this.#membership?.isOver === false) this.#membership.consumption?.resume(partitions);
  }

  /** Ends the membership, if there is one; another follows. */
  rejoin(error: Error): void {
    if (this.#membership !== undefined) this.#end(this.#membership, error);
  }

  /** Leaves the group for good. Resolves when it has left. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    if (this.#membership !== undefined) this.#end(this.#membership, undefined);
    await this.#life;
  }

  async #live(): Promise<void> {
    while (!this.#isStopped()) {
      const membership = { isOver: false, consumption: undefined, ended: Promise.withResolvers<undefined>() };
      this.#membership = membership;
      await this.#hold(membership);
      await this.#leave(membership);
      // A stop ends the pause.
      await this.#backoff.pause(this.#stopped.signal);
    }
    this.#joined.resolve(undefined);
  }

  async #hold(membership: Membership): Promise<void> {
    try {
      membership.consumption = await this.#join(() => this.#consume(membership));
      if (membership.consumption === undefined) return;
      this.#joined.resolve(undefined);
      // It may have ended before joining has resolved.
      await membership.ended.promise;
    } catch (error) {
      this.#end(membership, toError(error));
    }
  }

  #join(attempt: () => Promise<Consumption>): Promise<Consumption | undefined> {
    const { join } = this.#options;
    return join === undefined ? attempt() : join(attempt);
  }

  #consume(membership: Membership): Promise<Consumption> {
    const { transport, group, topics, sessionTimeout, listener } = this.#options;
    return transport.consume({
      group,
      topics,
      ...(sessionTimeout === undefined ? {} : { sessionTimeout }),
      listener: {
        assigned: (partitions): Promise<readonly OffsetToCommit[]> =>
          membership.isOver ? Promise.resolve([]) : listener.assigned(partitions),
        records: (partition, records, position) => {
          if (!membership.isOver) listener.records(partition, records, position);
        },
        lost: (error) => {
          this.#end(membership, error);
        },
      },
    });
  }

  /** @param error undefined when it is stopped */
  #end(membership: Membership, error: Error | undefined): void {
    if (membership.isOver) return;
    membership.isOver = true;
    membership.ended.resolve(undefined);
    if (error !== undefined && !this.#isStopped()) this.#options.listener.ended(error);
  }

  async #leave(membership: Membership): Promise<void> {
    const { listener, log, group } = this.#options;
    await listener.leaving?.();
    await membership.consumption?.close().catch((error: unknown) => {
      log.info({ err: error, group }, 'leaving the group failed; the session of the member will run out');
    });
    membership.consumption = undefined;
    await listener.left?.();
  }

  #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }
}
