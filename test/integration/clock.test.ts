/** Whose time a reading has on a real broker, and the command that puts an asset's clock back. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isClockReset, whyOf } from '../../processors/validate/clock.ts';
import { openKafka, type Kafka } from '../../roles/connections.ts';
import { createTopics } from '../../schemas/admin.ts';
import type { RawRecord } from '../../stream/index.ts';
import { createLogger } from '../../telemetry/log.ts';
import { localStack, uniquePrefix } from '../support/stack.ts';

const run = promisify(execFile);
const asset = 'Castwatch/Works1/SteelPlant/Caster1/S1';

describe('the clock of readings on Kafka', function () {
  this.timeout(120_000);
  const prefix = uniquePrefix();
  let kafka: Kafka;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    const { kafkaBrokers: brokers, registryUrl } = await localStack();
    await createTopics({
      brokers,
      prefix,
      partitions: 1,
      topics: ['sensorReadings', 'features'],
      clock: 'broker',
    });
    const log = createLogger('test', 'silent');
    kafka = await openKafka({ brokers, registryUrl, prefix, clientId: 'test', log });
    environment = {
      ...process.env,
      KAFKA_BROKERS: brokers.join(','),
      SCHEMA_REGISTRY_URL: registryUrl,
      TOPIC_PREFIX: prefix,
    };
  });
  after(() => kafka.close());

  async function recordsOf(topic: string): Promise<readonly RawRecord[]> {
    const found: RawRecord[] = [];
    await kafka.transport.read({ topic, partition: 0 }, (records) => found.push(...records));
    return found;
  }

  it('is the broker’s on the topics of producers, where that is asked for, and never on our own', async () => {
    const { sensorReadings, features } = kafka.topics;
    const ahead = Date.now() + 73 * 365 * 86_400_000;
    const producer = await kafka.transport.producer();
    await producer.send(
      [sensorReadings, features].map((topic) => ({
        topic,
        key: asset,
        value: Buffer.from('x'),
        timestamp: ahead,
      })),
    );
    await producer.close();
    const [bounded] = await recordsOf(sensorReadings);
    assert.ok(bounded !== undefined && Math.abs(bounded.timestamp - Date.now()) < 60_000);
    assert.equal((await recordsOf(features))[0]?.timestamp, ahead);
  });

  it('is put back by a command among the readings of the asset', async () => {
    const cli = join(import.meta.dirname, '../../cli/castwatch.ts');
    const words = ['assets', 'reset-clock', asset, '--why', 'the gateway was in 2099', '--by', 'anna'];
    const { stdout } = await run(process.execPath, [cli, ...words, '--json'], { env: environment });
    const { sequence } = JSON.parse(stdout) as { readonly sequence: number };
    const last = (await recordsOf(kafka.topics.sensorReadings)).at(-1);
    assert.ok(last !== undefined);
    assert.equal(last.key?.toString(), asset);
    const codec = kafka.serde.codec('sensorReadings');
    const bytes = last.value ?? Buffer.alloc(0);
    await codec.prepare?.([bytes]);
    const reading = codec.decode(bytes);
    assert.ok(isClockReset(reading));
    assert.deepEqual([reading.sequence, whyOf(reading)], [sequence, 'anna: the gateway was in 2099']);

    const unknown = run(process.execPath, [cli, 'assets', 'reset-clock', 'no/such/asset', '--why', 'x'], {
      env: environment,
    });
    await assert.rejects(unknown, /no\/such\/asset is no asset of the process casting/);
  });
});
