/**
 * The observer: a separate process that reads topics like any consumer (read committed) and records when each record could
 * be read. From the sink's positions in the database it also learns when the rows were stored: the positions move in the
 * transaction that stores the rows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { messageOf } from '../../base/text.ts';
import {
  type Consumption,
  KafkaTransport,
  partitionKey,
  type RawRecord,
  type TopicPartition,
} from '../../stream/index.ts';
import { Distribution } from '../reporting/distribution.ts';
import type { FromObserver, Latency, ObserverOptions, ToObserver, Window } from './observer-protocol.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as ObserverOptions;
const tell = (message: FromObserver): void => void process.send?.(message);
const now = (): number => performance.timeOrigin + performance.now();
/** The interval at which the sink's positions are read, ms. */
const pollMs = 5;

/** For one partition, in order: when each record was scheduled, could be read, and was stored as a row. */
interface Seen {
  readonly topic: string;
  readonly offsets: number[];
  readonly timestamps: number[];
  readonly readable: number[];
  /** Has an entry for each record that is stored already. */
  readonly stored: number[];
}

const partitions = new Map<string, Seen>();

function seenOf(partition: TopicPartition): Seen {
  const key = partitionKey(partition);
  let seen = partitions.get(key);
  if (seen === undefined) {
    seen = { topic: partition.topic, offsets: [], timestamps: [], readable: [], stored: [] };
    partitions.set(key, seen);
  }
  return seen;
}

function note(partition: TopicPartition, records: readonly RawRecord[]): void {
  const at = now();
  const seen = seenOf(partition);
  for (const { offset, timestamp } of records) {
    seen.offsets.push(offset);
    seen.timestamps.push(timestamp);
    seen.readable.push(at);
  }
}

async function watchRows({ url, sink }: NonNullable<ObserverOptions['database']>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  for (;;) {
    const { rows } = await client.query<{ topic: string; partition: number; next_offset: string }>({
      name: 'positions',
      text: 'SELECT topic, partition, next_offset FROM castwatch.sink_offsets WHERE sink = $1 AND topic = ANY($2)',
      values: [sink, options.topics],
    });
    const at = now();
    for (const { topic, partition, next_offset } of rows) {
      const { offsets, stored } = seenOf({ topic, partition });
      while (stored.length < offsets.length && (offsets[stored.length] ?? NaN) < Number(next_offset))
        stored.push(at);
    }
    await sleep(pollMs);
  }
}

function latencyOf(topic: string, { from, to }: Window, which: 'readable' | 'stored'): Latency {
  const all = new Distribution();
  for (const seen of partitions.values()) {
    if (seen.topic !== topic) continue;
    for (const [index, timestamp] of seen.timestamps.entries()) {
      const at = seen[which][index];
      if (at !== undefined && timestamp >= from && timestamp < to) all.add(at - timestamp);
    }
  }
  const [p50, p99, p999, max] = [0.5, 0.99, 0.999, 1].map((share) => all.percentile(share));
  return { count: all.count, p50: p50 ?? NaN, p99: p99 ?? NaN, p999: p999 ?? NaN, max: max ?? NaN };
}

process.on('message', (order: ToObserver) => {
  const own = [...partitions.values()].filter(({ topic }) => topic === order.topic);
  if (order.kind === 'count') {
    const records = own.reduce((sum, { offsets }) => sum + offsets.length, 0);
    const rows = own.reduce((sum, { stored }) => sum + stored.length, 0);
    tell({ kind: 'counted', records, rows });
  } else {
    const topic = latencyOf(order.topic, order.window, 'readable');
    const row = options.database && latencyOf(order.topic, order.window, 'stored');
    tell({ kind: 'measured', topic, row });
  }
});
process.once('disconnect', () => process.exit(0));

const fail = (error: unknown): void => {
  tell({ kind: 'failed', message: messageOf(error) });
};

let isReady = false;

/** A busy machine can delay heartbeats so far that the observer has to join again. */
const nextOffset = (partition: TopicPartition): number => (seenOf(partition).offsets.at(-1) ?? -1) + 1;

/** A broker that has just started may not know its groups yet. The observer asks again for this time. */
const patience = 30_000;

async function join(transport: KafkaTransport): Promise<void> {
  const end = now() + patience;
  for (;;) {
    const joined = Promise.withResolvers<undefined>();
    const consumption = await consume(transport, joined).catch((error: unknown) => {
      joined.reject(error);
    });
    try {
      await joined.promise;
      return;
    } catch (error) {
      if (now() > end) throw error;
      await consumption?.close();
      await sleep(200);
    }
  }
}

function consume(transport: KafkaTransport, joined: PromiseWithResolvers<undefined>): Promise<Consumption> {
  return transport.consume({
    group: options.group,
    topics: options.topics,
    listener: {
      assigned: (assigned) => {
        if (!isReady) tell({ kind: 'ready' });
        isReady = true;
        joined.resolve(undefined);
        return Promise.resolve(
          assigned.map((partition) => ({ ...partition, offset: nextOffset(partition) })),
        );
      },
      records: note,
      gap: ({ topic, partition }, from, to) => {
        fail(new Error(`${topic}/${partition}: the records ${from} to ${to - 1} were deleted`));
      },
      lost: (error) => {
        if (isReady) fail(error);
        else joined.reject(error);
      },
    },
  });
}

try {
  await join(new KafkaTransport({ brokers: options.brokers, clientId: 'bench-observer' }));
  if (options.database !== undefined) watchRows(options.database).catch(fail);
} catch (error) {
  fail(error);
}
