/**
 * The life of a group member: it joins, works until the membership ends, leaves, pauses and joins again, until it is
 * stopped. The listener decides what to do with the partitions.
 *
 * There is one membership at a time. After its end it calls the listener no more. Only an assignment that has begun
 * continues, and it ends before `left` is called.
 */
import { toError } from './errors.ts';
import type { StreamLog } from './observer.ts';
import { TopicsWatch } from './topics-watch.ts';
import { Backoff, type BackoffOptions } from './retry.ts';
import type {
  ConsumeOptions,
  Consumption,
  GroupListener,
  StartOffset,
  TopicPartition,
  Transport,
} from './transport.ts';

export interface MemberListener extends Pick<GroupListener, 'assigned' | 'records' | 'gap' | 'waits'> {
  /** The membership has ended, but not by `stop`. Called once for each membership, without delay. */
  ended(error: Error): void;
  /** Called before the member leaves, also when it is stopped. The partitions are still ours: finish what has begun. */
  leaving?(): Promise<void>;
  /** Called after the member has left, also when it is stopped. The partitions may belong to other members now. */
  left?(): Promise<void>;
}

export interface MemberOptions extends Omit<ConsumeOptions, 'listener'> {
  readonly transport: Pick<Transport, 'consume' | 'describeTopics'>;
  /** Further topics that a membership is for; when one of these or of `topics` changes, the member joins again. */
  readonly alsoWatched?: readonly string[];
  /** ms between two looks at the topics; default 10,000. */
  readonly watchEvery?: number;
  /** Called at each look. May reject: it is called again. */
  readonly onWatch?: () => Promise<void>;
  readonly listener: MemberListener;
  readonly log: StreamLog;
  /** The pauses before joining again. Default: none. */
  readonly pauses?: BackoffOptions;
  /**
   * Calls `attempt` until it succeeds. Default: one attempt, and a failure ends the membership.
   * @returns undefined when the member was stopped before it had joined
   */
  readonly join?: (attempt: () => Promise<Consumption>) => Promise<Consumption | undefined>;
}

/** The time from joining to leaving. */
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

  /** Resolves when the member has joined for the first time, or was stopped before. */
  async start(): Promise<void> {
    this.#life ??= this.#live();
    await this.#joined.promise;
  }

  /** The number of memberships that have ended since the last call of `succeeded`. */
  get failures(): number {
    return this.#backoff.failures;
  }

  get isJoined(): boolean {
    return this.#membership?.isOver === false && this.#membership.consumption !== undefined;
  }

  /** Reports that the work makes progress: the next pause is as short as the first one. */
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

  /** Ends the membership, if there is one. The member then joins again. */
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
    const watch = new TopicsWatch(this.#options);
    try {
      await watch.begin();
      membership.consumption = await this.#join(() => this.#consume(membership));
      if (membership.consumption === undefined) return;
      this.#joined.resolve(undefined);
      watch.run((error) => {
        this.#end(membership, error);
      });
      // The membership may have ended before `join` resolved.
      await membership.ended.promise;
    } catch (error) {
      this.#end(membership, toError(error));
    } finally {
      watch.stop();
    }
  }

  #join(attempt: () => Promise<Consumption>): Promise<Consumption | undefined> {
    const { join } = this.#options;
    return join === undefined ? attempt() : join(attempt);
  }

  #consume(membership: Membership): Promise<Consumption> {
    const { transport, group, topics, sessionTimeout, edition, listener } = this.#options;
    return transport.consume({
      group,
      topics,
      edition,
      ...(sessionTimeout === undefined ? {} : { sessionTimeout }),
      listener: {
        assigned: (partitions): Promise<readonly StartOffset[]> =>
          membership.isOver ? Promise.resolve([]) : listener.assigned(partitions),
        records: (partition, records, position) => {
          if (!membership.isOver) listener.records(partition, records, position);
        },
        gap: (partition, from, to) => {
          if (!membership.isOver) listener.gap(partition, from, to);
        },
        waits: (forEdition) => {
          if (!membership.isOver) listener.waits?.(forEdition);
        },
        lost: (error) => {
          this.#end(membership, error);
        },
      },
    });
  }

  /** @param error undefined when the member is stopped */
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
      log.info(
        { err: error, group },
        'leaving the group failed; the broker removes the member when its session ends',
      );
    });
    membership.consumption = undefined;
    await listener.left?.();
  }

  #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }
}
