/** A sink in a separate process, for tests that freeze or kill it. It reads its settings as JSON. */
import { topicNames } from '../../schemas/catalogue.ts';
import { createSerde } from '../../schemas/registry/serde.ts';
import { KafkaTransport } from '../../stream/index.ts';
import { startTimescaleSink } from '../../sinks/timescale/writing/sink.ts';

export interface MemberSettings {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly databaseUrl: string;
  readonly prefix: string;
}

const { brokers, registryUrl, databaseUrl, prefix } = JSON.parse(process.argv[2] ?? '') as MemberSettings;
const serde = createSerde({ registryUrl, prefix });
await serde.ready();
const sink = await startTimescaleSink({
  transport: new KafkaTransport({ brokers, clientId: 'member' }),
  serde,
  databaseUrl,
  group: `${prefix}sink`,
  names: topicNames(prefix),
  sessionTimeout: 6_000,
  // Small batches, so that a test hits the middle of a batch more often.
  batchRows: 200,
});
process.send?.('up');
process.on('SIGTERM', () => {
  void sink.stop().then(() => process.exit(0));
});
