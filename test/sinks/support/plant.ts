/** A broker in memory, the codecs, and a sink between it and a database. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { topicNames, type AvroTopicId, storedTopics, type StoredTopic } from '../../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../../schemas/registry/serde.ts';
import { MemoryBroker, MemoryTransport, type RawRecord, silentLog } from '../../../stream/index.ts';
import { TableComparison } from '../../../sinks/timescale/queries/compare.ts';
import { readPositions } from '../../../sinks/timescale/writing/positions.ts';
import {
  startTimescaleSink,
  type TimescaleSink,
  type TimescaleSinkOptions,
} from '../../../sinks/timescale/writing/sink.ts';
import type { TestServer } from './databases.ts';
import { withPool } from './databases.ts';
import type { SinkRecord } from './records.ts';

export const partitions = 3;

export class Plant {
  readonly names = topicNames();
  readonly broker = new MemoryBroker();
  readonly transport = new MemoryTransport(this.broker);
  readonly serde = serdeWithoutRegistry();
  readonly databaseUrl: string;
  readonly #server: Pick<TestServer, 'load' | 'connections'>;
  #transactions = 0;

  constructor(server: Pick<TestServer, 'load' | 'connections'>, databaseUrl: string) {
    this.#server = server;
    this.databaseUrl = databaseUrl;
    for (const topic of [...storedTopics, 'deadLetters'] as const)
      this.broker.createTopic(this.names[topic], partitions);
  }

  sink(options: Partial<TimescaleSinkOptions> = {}): Promise<TimescaleSink> {
    return startTimescaleSink({
      transport: this.transport,
      serde: this.serde,
      databaseUrl: this.databaseUrl,
      group: 'sink',
      load: this.#server.load,
      ...(this.#server.connections && { connections: this.#server.connections }),
      linger: 5,
      contestPatience: 100,
      log: silentLog,
      ...options,
    });
  }

  /** Publishes in one transaction, so that a marker follows. */
  async publish(records: readonly SinkRecord[]): Promise<void> {
    this.#transactions += 1;
    const producer = await this.transport.transactionalProducer(`test-${this.#transactions}`);
    await producer.transact(
      records.map(({ topic, asset, value, timestamp }) => ({
        topic: this.names[topic],
        key: asset,
        value: this.encode(topic, value),
        timestamp,
      })),
      [],
    );
    await producer.close();
  }

  encode(topic: AvroTopicId, value: unknown): Buffer {
    return this.serde.codec(topic).encode(value as never);
  }

  async publishBytes(topic: StoredTopic, values: readonly (Buffer | null)[], key = 'key'): Promise<void> {
    const producer = await this.transport.producer();
    await producer.send(
      values.map((value) => ({ topic: this.names[topic], partition: 0, key, value, timestamp: 5 })),
    );
  }

  deadLetters(): RawRecord[] {
    return this.broker
      .partitions(this.names.deadLetters)
      .flatMap((log) => [...log.read(0, 1_000_000).records]);
  }

  /** Waits until every position in the database is at its topic's end. */
  async caughtUp(sink: TimescaleSink, topics: readonly StoredTopic[] = storedTopics): Promise<void> {
    await until(
      'the sink to catch up',
      () => {
        const stored = new Map(sink.health().partitions.map((p) => [`${p.topic}/${p.partition}`, p.stored]));
        return topics.every((topic) =>
          this.broker
            .partitions(this.names[topic])
            .every((log, partition) => (stored.get(`${this.names[topic]}/${partition}`) ?? -1) === log.end),
        );
      },
      () => JSON.stringify(sink.health()),
    );
  }

  /** Checks that the tables contain exactly these records' rows. With PGlite, no sink may have a connection at that time. */
  async assertStored(records: readonly SinkRecord[]): Promise<void> {
    const comparison = new TableComparison();
    for (const { topic, value } of records) comparison.expect(topic, value);
    const differences = await withPool(this.databaseUrl, (pool) => comparison.compare(pool));
    for (const { examples, ...counts } of differences)
      assert.deepEqual({ ...counts, missing: 0, unexpected: 0, different: 0 }, counts, examples.join('\n'));
    assert.equal(differences.reduce((sum, { stored }) => sum + stored, 0) > 0, records.length > 0);
  }

  positions(group = 'sink'): Promise<Map<string, { nextOffset: number; epoch: number }>> {
    return withPool(
      this.databaseUrl,
      async (pool) =>
        new Map(
          (await readPositions(pool, group)).map((p) => [
            `${p.topic}/${p.partition}`,
            { nextOffset: p.nextOffset, epoch: p.epoch },
          ]),
        ),
    );
  }
}

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  state: () => string = () => '',
): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited 20 s for ${what}. ${state()}`);
    await sleep(5);
  }
}
