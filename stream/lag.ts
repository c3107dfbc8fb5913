/** How far a group is behind: counted once, or regularly, so that the lag stays correct while a task is stopped. */
import type { TopicPartition, Transport } from './transport.ts';

/** The progress of a group on a partition of an input. */
export interface Progress extends TopicPartition {
  readonly group: string;
  /** The next offset that the group has to process. */
  readonly committed: number;
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
  const topics = [...new Set(progress.map(({ topic }) => topic))];
  const ends = new Map(
    await Promise.all(topics.map(async (topic) => [topic, await transport.endOffsets(topic)] as const)),
  );
  const lags = new Map<string, GroupLag>();
  for (const { group, topic, partition, committed } of progress) {
    const key = `${group}\n${topic}`;
    const end = ends.get(topic)?.get(partition) ?? committed;
    const before = lags.get(key)?.records ?? 0;
    lags.set(key, { group, topic, records: before + Math.max(0, end - committed) });
  }
  return [...lags.values()];
}

export interface LagOptions {
  readonly transport: Pick<Transport, 'endOffsets'>;
  /** The partitions that this member owns now. */
  readonly progress: () => readonly Progress[];
  readonly report: (group: string, topic: string, records: number) => void;
}

const everyMs = 5_000;

/** Reports every 5 s until `stop`. A topic whose last partition went to another member is reported as 0 once. */
export function watchLag({ transport, progress, report }: LagOptions): { stop(): void } {
  let reported: readonly GroupLag[] = [];
  let asking = false;
  const look = async (): Promise<void> => {
    const now = await lagOf(transport, progress());
    for (const { group, topic } of reported)
      if (!now.some((each) => each.group === group && each.topic === topic)) report(group, topic, 0);
    for (const { group, topic, records } of now) report(group, topic, records);
    reported = now;
  };
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    // The transport reports a broker that does not answer; the last lag stays.
    look()
      .catch(() => undefined)
      .finally(() => {
        asking = false;
      });
  }, everyMs).unref();
  return {
    stop() {
      clearInterval(timer);
    },
  };
}
