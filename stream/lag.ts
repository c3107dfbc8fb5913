/** How far a group is behind: counted once, or regularly, so that the lag stays correct while a task is stopped. */
import { messageOf } from './errors.ts';
import { looksToStall, Stalls, type SeenProgress, type Stall } from './stalls.ts';
import type { TopicPartition, Transport } from './transport.ts';

/** The progress of a group on a partition of an input. */
export interface Progress extends TopicPartition {
  readonly group: string;
  /** The next offset that the group has to process. */
  readonly committed: number;
  /** Whether the partition stands still for a reason that is told elsewhere; then it is no stall. */
  readonly isExcused?: boolean;
}

/** How far a group is behind on a topic. */
export interface GroupLag {
  readonly group: string;
  readonly topic: string;
  /** Records from the committed offset to the end, summed over the partitions; transaction markers count too. */
  readonly records: number;
}

/** Asks for the ends of the topics, and sums what the groups have not processed on these partitions. */
export async function lagOf(
  transport: Pick<Transport, 'endOffsets'>,
  progress: readonly Progress[],
): Promise<readonly GroupLag[]> {
  return sum(await withEnds(transport, progress));
}

async function withEnds(
  transport: Pick<Transport, 'endOffsets'>,
  progress: readonly Progress[],
): Promise<readonly SeenProgress[]> {
  const topics = [...new Set(progress.map(({ topic }) => topic))];
  const ends = new Map(
    await Promise.all(topics.map(async (topic) => [topic, await transport.endOffsets(topic)] as const)),
  );
  return progress.map((each) => ({
    ...each,
    end: ends.get(each.topic)?.get(each.partition) ?? each.committed,
  }));
}

function sum(all: readonly SeenProgress[]): readonly GroupLag[] {
  const lags = new Map<string, GroupLag>();
  for (const { group, topic, committed, end } of all) {
    const key = `${group}\n${topic}`;
    const before = lags.get(key)?.records ?? 0;
    lags.set(key, { group, topic, records: before + Math.max(0, end - committed) });
  }
  return [...lags.values()];
}

export interface LagOptions {
  readonly transport: Pick<Transport, 'endOffsets'>;
  /** The partitions that this member owns now. */
  readonly progress: () => readonly Progress[];
  readonly report?: ((group: string, topic: string, records: number) => void) | undefined;
  /** ms between two looks; default 5,000. */
  readonly every?: number | undefined;
}

/** The broker does not say where the topics end. */
export interface Unanswered {
  /** ms since the epoch */
  readonly since: number;
  readonly why: string;
}

export interface LagWatch {
  /** Partitions in which nothing was committed for twelve looks while records came. */
  readonly stalls: readonly Stall[];
  /** Set when the broker has not answered for as long: then nobody knows whether there are stalls. */
  readonly unanswered: Unanswered | undefined;
  stop(): void;
}

/** Looks every 5 s until `stop`. A topic whose last partition went to another member is reported as 0 once. */
export function watchLag({ transport, progress, report, every = 5_000 }: LagOptions): LagWatch {
  const stalls = new Stalls(every);
  let reported: readonly GroupLag[] = [];
  let asking = false;
  let unanswered = 0;
  let why = 'no answer';
  const look = async (): Promise<void> => {
    const seen = await withEnds(transport, progress());
    stalls.look(seen);
    const now = sum(seen);
    for (const { group, topic } of reported)
      if (!now.some((each) => each.group === group && each.topic === topic)) report?.(group, topic, 0);
    for (const { group, topic, records } of now) report?.(group, topic, records);
    reported = now;
  };
  const timer = setInterval(() => {
    unanswered++;
    if (asking) return;
    asking = true;
    look()
      .then(
        () => {
          unanswered = 0;
          why = 'no answer';
        },
        (error: unknown) => {
          // The last lag stays. What is not committed meanwhile is not the tasks' fault.
          stalls.restart();
          why = messageOf(error);
        },
      )
      .finally(() => {
        asking = false;
      });
  }, every).unref();
  return {
    get stalls() {
      return stalls.current;
    },
    get unanswered() {
      return unanswered <= looksToStall ? undefined : { since: Date.now() - unanswered * every, why };
    },
    stop() {
      clearInterval(timer);
    },
  };
}
