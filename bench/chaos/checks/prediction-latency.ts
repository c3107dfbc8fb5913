/** Measures the time from a reading's publication until its prediction can be read (read committed). */
import type { Kafka } from '../../../roles/connections.ts';
import { publishedHeader } from '../../../roles/shared-names.ts';
import { percentile } from './verdict.ts';

export interface LatencyWatch {
  /** p50 and p99, ms, of the predictions whose reading has such a time of publication (plant time, ms since the epoch). */
  of(isWanted: (timestamp: number) => boolean): PredictionLatency;
  stop(): Promise<void>;
}

export interface PredictionLatency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

/** Starts to measure. */
export async function watchLatency({ transport, topics, prefix }: Kafka): Promise<LatencyWatch> {
  const seen: { readonly timestamp: number; readonly ms: number }[] = [];
  const ends = await transport.endOffsets(topics.predictions);
  const consumption = await transport.consume({
    group: `${prefix}latency`,
    topics: [topics.predictions],
    listener: {
      assigned: (partitions) =>
        Promise.resolve(partitions.map((source) => ({ ...source, offset: ends.get(source.partition) ?? 0 }))),
      records(_partition, records) {
        const now = Date.now();
        for (const { timestamp, headers } of records) {
          const published = Date.parse(headers?.[publishedHeader]?.toString() ?? '');
          if (!Number.isNaN(published)) seen.push({ timestamp, ms: now - published });
        }
      },
      gap: () => undefined,
      lost: () => undefined, // what was measured so far counts
    },
  });
  return {
    of(isWanted) {
      const values = seen.filter(({ timestamp }) => isWanted(timestamp)).map(({ ms }) => ms);
      return {
        count: values.length,
        p50: percentile(values, 0.5) ?? Number.NaN,
        p99: percentile(values, 0.99) ?? Number.NaN,
      };
    },
    stop: () => consumption.close(),
  };
}
