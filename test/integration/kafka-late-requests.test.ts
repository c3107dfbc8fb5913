/** A real broker behind a network that delays, reorders and repeats the requests of transactions. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokersBy } from '../../bench/chaos/rig/chaos-stack.ts';
import { TcpLink } from '../../bench/chaos/rig/link.ts';
import { NamedRandom } from '../../base/random.ts';
import { freePort } from '../../local/ports.ts';
import { startLocalStack, type LocalStack } from '../../local/stack.ts';
import { startStreamApp } from '../../stream/index.ts';
import { createLogger } from '../../telemetry/log.ts';
import {
  assertExactlyOnce,
  countProcessor,
  createCountTopics,
  keysOf,
  readCounted,
  sendItems,
} from '../stream/harness.ts';
import { kafkaRig, type KafkaRig } from '../stream/kafka/rig.ts';
import { seed } from '../support/seed.ts';
import { discardStack, uniquePrefix } from '../support/stack.ts';
import { waitFor } from '../support/wait.ts';

/** A cluster with an epoch for each transaction needs no AddOffsetsToTxn. */
const mishaps = [
  ...['Produce repeated', 'TxnOffsetCommit repeated', 'EndTxn repeated'],
  ...['Produce overtaken', 'TxnOffsetCommit overtaken', 'EndTxn overtaken'],
  ...['Produce delayed', 'EndTxn delayed'],
];
const times = { delay: [5, 150], late: [20, 1_500] } as const;
const keys = keysOf(9);

describe('a network that delays, reorders and repeats the requests of transactions', function () {
  this.timeout(300_000);
  let link: TcpLink;
  let stack: LocalStack;
  let behind: KafkaRig;
  let direct: KafkaRig;

  before(async () => {
    link = await TcpLink.open(true);
    const port = await freePort([]);
    link.leadTo(port);
    stack = await startLocalStack({
      dataDir: await mkdtemp(join(tmpdir(), 'castwatch-test-')),
      log: createLogger('test', 'warn'),
      ...{ only: ['kafka'], shortLived: true, secondListener: { port, advertised: link.port } },
    });
    behind = kafkaRig([brokersBy(link)], uniquePrefix());
    direct = kafkaRig(stack.kafkaBrokers, uniquePrefix());
  });
  after(async () => {
    await Promise.all([behind.close(), direct.close()]);
    await link.close();
    await discardStack(stack);
  });

  it('loses, repeats and reorders no record', async () => {
    const topics = await createCountTopics(direct, 4);
    const apps = [behind, direct].map(({ transport }) =>
      startStreamApp(countProcessor(topics), {
        transport,
        ...{ application: topics.application, deadLetterTopic: topics.deadLetters },
        ...{ sessionTimeout: 6_000, maxBatchRecords: 50 },
      }),
    );
    try {
      await waitFor(() => apps.every((app) => app.status().tasks.length === 2), 'both apps to work', 60_000);
      const tampering = link.tamper(new NamedRandom(`late ${seed}`), times);
      let perKey = 0;
      await waitFor(
        async () => {
          await sendItems(direct, topics.items, keys, perKey + 1, 10);
          perKey += 10;
          return mishaps.every((mishap) => tampering.counts.has(mishap));
        },
        mishaps.join(', '),
        120_000,
      );
      await tampering.stop();
      await waitFor(
        async () => {
          const counted = await readCounted(direct, topics.counted);
          return keys.every((key) => (counted.get(key)?.length ?? 0) >= perKey);
        },
        'all to be counted',
        90_000,
      );
      assertExactlyOnce(await readCounted(direct, topics.counted), keys, perKey);
    } finally {
      await Promise.all(apps.map((app) => app.stop()));
    }
  });
});
