/** What the chapters share: a broker in memory, a codec for JSON, and short functions to send, read and wait. */
import {
  MemoryBroker,
  MemoryTransport,
  type Codec,
  type Headers,
  type StreamApp,
  type TopicPartition,
  type Transport,
} from '../../stream/index.ts';
import { waitFor } from '../support/wait.ts';

/** Values as JSON text. A product would use Avro or Protobuf; the runtime sees bytes only. */
export function json<T>(): Codec<T> {
  return {
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (bytes) => JSON.parse(bytes.toString()) as T,
  };
}

/** A record as the chapters compare it. */
export interface Seen {
  readonly key: string;
  readonly value: unknown;
  readonly timestamp: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Workbench {
  /** One transport for everything; each app could also have its own. */
  readonly transport: MemoryTransport;
  /** Sends JSON values (or, as a Buffer, bytes as they are) with timestamps 0, 1, 2 … */
  readonly send: (
    topic: string,
    records: readonly (readonly [key: string, value: unknown])[],
  ) => Promise<void>;
  /** All records of a topic, decoded from JSON. */
  readonly read: (topic: string) => Promise<readonly Seen[]>;
  /** Resolves with the topic's records when it holds this number of them. */
  readonly holds: (topic: string, count: number) => Promise<readonly Seen[]>;
  /** Resolves when the group has committed all records on the topic. */
  readonly processed: (group: string, topic: string) => Promise<void>;
  /** `close` stops the app if it still runs. */
  readonly run: (app: StreamApp) => StreamApp;
  readonly close: () => Promise<void>;
}

/** A broker with these topics. @param partitions of each; all inputs of a step need the same number */
export function workbench(topics: readonly string[], partitions = 1): Workbench {
  const broker = new MemoryBroker();
  for (const topic of topics) broker.createTopic(topic, partitions);
  const transport = new MemoryTransport(broker);
  const apps: StreamApp[] = [];
  let time = 0;
  const read = (topic: string): Promise<readonly Seen[]> => readAll(transport, topic);
  return {
    transport,
    read,
    async send(topic, records) {
      const producer = await transport.producer();
      await producer.send(
        records.map(([key, value]) => ({
          topic,
          key,
          value: Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value)),
          timestamp: time++,
        })),
      );
    },
    holds: (topic, count) =>
      waitFor(async () => {
        const seen = await read(topic);
        return seen.length >= count && seen;
      }, `${count} records on ${topic}`),
    async processed(group, topic) {
      await waitFor(() => isProcessed(transport, group, topic), `${group} to process ${topic}`);
    },
    run(app) {
      apps.push(app);
      return app;
    },
    async close() {
      await Promise.all(apps.map((app) => app.stop()));
    },
  };
}

async function readAll(transport: Transport, topic: string): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for (let partition = 0; partition < (await transport.partitionCount(topic)); partition++)
    seen.push(...(await readPartition(transport, { topic, partition })));
  return seen;
}

async function readPartition(transport: Transport, source: TopicPartition): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  await transport.read(source, (records) => {
    for (const { key, value, timestamp, headers } of records)
      seen.push({ key: key?.toString() ?? '', value: decoded(value), timestamp, headers: texts(headers) });
  });
  return seen;
}

function decoded(value: Buffer | null): unknown {
  if (value === null) return null;
  try {
    return JSON.parse(value.toString());
  } catch {
    return value.toString();
  }
}

const texts = (headers: Headers | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, value?.toString() ?? '']));

async function isProcessed(transport: Transport, group: string, topic: string): Promise<boolean> {
  const committed = await transport.committedOffsets(group, topic);
  const ends = await transport.endOffsets(topic);
  return [...ends].every(([partition, end]) => end === 0 || committed.get(partition) === end);
}
