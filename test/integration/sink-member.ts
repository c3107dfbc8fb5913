/** A sink in a process of its own, for tests that freeze or kill it. Settings come in as JSON. */
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
  // Small batches: more of them to be hit in the middle of.
  batchRows: 200,
});
process.send?.('up');
process.on('SIGTERM', () => {
  void sink.stop().then(() => process.exit(0));
});
