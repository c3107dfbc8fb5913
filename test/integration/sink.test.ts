/** The sink on a real Kafka, schema registry and PostgreSQL: every committed record is stored once, also when members fail. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { createTopics } from '../../schemas/admin.ts';
import { topicNames, storedTopics } from '../../schemas/catalogue.ts';
import { createSerde, type Serde } from '../../schemas/registry/serde.ts';
import { TableComparison } from '../../sinks/timescale/queries/compare.ts';
import { migrate } from '../../sinks/timescale/migrate.ts';
import { readPositions } from '../../sinks/timescale/writing/positions.ts';
import { KafkaTransport } from '../../stream/index.ts';
import { makeRecords, type SinkRecord } from '../sinks/support/records.ts';
import { localStack, uniqueDatabase, uniquePrefix } from '../support/stack.ts';
import { waitFor } from '../support/wait.ts';
import type { MemberSettings } from './sink-member.ts';

describe('timescale sink on real servers', function () {
  this.timeout(120_000);
  let settings: MemberSettings;
  let transport: KafkaTransport;
  let serde: Serde;
  let pool: pg.Pool;
  const members = new Set<ChildProcess>();
  const published: SinkRecord[] = [];

  before(async () => {
    const { kafkaBrokers: brokers, registryUrl } = await localStack();
    const prefix = uniquePrefix();
    const databaseUrl = await uniqueDatabase();
    settings = { brokers, registryUrl, databaseUrl, prefix };
    await createTopics({ brokers, prefix, topics: [...storedTopics, 'deadLetters'] });
    await migrate({ databaseUrl });
    transport = new KafkaTransport({ brokers, clientId: 'test' });
    serde = createSerde({ registryUrl, prefix });
    await serde.ready();
    pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  });
  after(async () => {
    for (const member of members) member.kill('SIGKILL');
    await pool.end();
    await transport.close();
  });

  async function startMember(): Promise<ChildProcess> {
    const member = fork(new URL('sink-member.ts', import.meta.url), [JSON.stringify(settings)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    members.add(member);
    member.once('exit', () => members.delete(member));
    await once(member, 'message');
    return member;
  }

  async function publish(records: readonly SinkRecord[]): Promise<void> {
    published.push(...records);
    const names = topicNames(settings.prefix);
    const producer = await transport.transactionalProducer(`${settings.prefix}source`);
    for (let from = 0; from < records.length; from += 500) {
      const batch = records.slice(from, from + 500).map(({ topic, asset, value, timestamp }) => ({
        topic: names[topic],
        key: asset,
        value: serde.codec(topic).encode(value as never),
        timestamp,
      }));
      await producer.transact(batch, []);
    }
    await producer.close();
  }

  const everything = (from: number, to: number): SinkRecord[] =>
    storedTopics.flatMap((topic) => makeRecords(topic, from, to));

  async function lag(): Promise<number> {
    const names = topicNames(settings.prefix);
    const positions = new Map(
      (await readPositions(pool, `${settings.prefix}sink`)).map(({ topic, partition, nextOffset }) => [
        `${topic}/${partition}`,
        nextOffset,
      ]),
    );
    let behind = 0;
    for (const topic of storedTopics)
      for (const [partition, end] of await transport.endOffsets(names[topic]))
        behind += end - (positions.get(`${names[topic]}/${partition}`) ?? 0);
    return behind;
  }

  const stored = async (): Promise<number> =>
    (await readPositions(pool, `${settings.prefix}sink`)).reduce(
      (sum, { nextOffset }) => sum + nextOffset,
      0,
    );

  /** Waits until the sinks have stored this number of further records, so that they are in the middle of the stream. */
  async function storedMore(records: number): Promise<void> {
    const before = await stored();
    await waitFor(async () => (await stored()) >= before + records, `${records} more records to be stored`);
  }

  const caughtUp = (): Promise<boolean> =>
    waitFor(async () => (await lag()) === 0, 'the sink to reach the end of every topic', 60_000);

  async function assertExact(): Promise<void> {
    const comparison = new TableComparison();
    for (const { topic, value } of published) comparison.expect(topic, value);
    for (const { examples, ...counts } of await comparison.compare(pool))
      assert.deepEqual(counts, { ...counts, missing: 0, unexpected: 0, different: 0 }, examples.join('\n'));
  }

  it('stores all committed records, up to the end of each topic', async () => {
    const member = await startMember();
    await publish(everything(0, 300));
    await caughtUp();
    await assertExact();
    member.kill('SIGTERM');
    const [code] = (await once(member, 'exit')) as [number];
    assert.equal(code, 0);
  });

  it('loses and duplicates nothing when a group member is killed, or continues after its session has ended', async () => {
    const frozen = await startMember();
    const feeding = publish(everything(300, 1_500));
    await storedMore(2_000);
    frozen.kill('SIGSTOP');
    await feeding;
    const second = await startMember();
    await caughtUp();
    frozen.kill('SIGCONT');
    const feedingAgain = publish(everything(1_500, 2_500));
    await storedMore(2_000);
    second.kill('SIGKILL');
    await feedingAgain;
    await caughtUp();
    await assertExact();
  });
});
