/** Asks the broker regularly how far a group is behind, so that the lag stays correct while a task is stopped. */
import type { TopicPartition, Transport } from './transport.ts';

/** The progress of a group on a partition of an input. */
export interface Progress extends TopicPartition {
  readonly group: string;
  /** The next offset that the group has to process. */
  readonly committed: number;
}

export interface LagOptions {
  readonly transport: Pick<Transport, 'endOffsets'>;
  /** The partitions that this member owns now. */
  readonly progress: () => readonly Progress[];
  /** Records from the committed offset to the end, summed over these partitions; transaction markers count too. */
  readonly report: (group: string, topic: string, records: number) => void;
}

const everyMs = 5_000;

/** Reports every 5 s until `stop`. A topic whose last partition went to another member is reported as 0 once. */
export function watchLag({ transport, progress, report }: LagOptions): { stop(): void } {
  let reported = new Map<string, Progress>();
  let asking = false;
  const look = async (): Promise<void> => {
    const owned = progress();
    const topics = [...new Set(owned.map(({ topic }) => topic))];
    const ends = new Map(
      await Promise.all(topics.map(async (topic) => [topic, await transport.endOffsets(topic)] as const)),
    );
    const now = new Map<string, Progress>();
    const lags = new Map<string, number>();
    for (const each of owned) {
      const key = `${each.group}\n${each.topic}`;
      const end = ends.get(each.topic)?.get(each.partition) ?? each.committed;
      now.set(key, each);
      lags.set(key, (lags.get(key) ?? 0) + Math.max(0, end - each.committed));
    }
    for (const [key, { group, topic }] of new Map([...reported, ...now]))
      report(group, topic, lags.get(key) ?? 0);
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
