/** Gateway and sink on real Kafka, registry and PostgreSQL, with topics and a database of their own. */
import { registryCheck } from '../../gateway/rest/health.ts';
import { startGateway, type Gateway } from '../../gateway/server.ts';
import { openStoredHistory } from '../../gateway/stored-history.ts';
import type { LocalStack } from '../../local/stack.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { createTopics } from '../../schemas/admin.ts';
import { topicNames, type AvroTopicId } from '../../schemas/catalogue.ts';
import { createSerde, type Serde } from '../../schemas/registry/serde.ts';
import type { ValueOf } from '../../schemas/values.ts';
import { migrate } from '../../sinks/timescale/migrate.ts';
import { startTimescaleSink } from '../../sinks/timescale/writing/sink.ts';
import { KafkaTransport, type Transport } from '../../stream/index.ts';
import { createLogger } from '../../telemetry/log.ts';
import { startMetrics } from '../../telemetry/metrics.ts';
import { uniquePrefix } from '../support/stack.ts';

export interface RealGateway {
  readonly url: string;
  readonly transport: Transport;
  readonly serde: Serde;
  readonly prefix: string;
  /** Writes as the pipeline would; resolves when Kafka has it. */
  readonly publish: <T extends AvroTopicId>(
    topic: T,
    ...values: readonly (ValueOf<T> & { readonly asset: string })[]
  ) => Promise<void>;
  readonly stopGateway: () => Promise<void>;
  /** On the port it had. */
  readonly startGateway: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface RealGatewayOptions {
  readonly stack: LocalStack;
  /** Empty, or migrated already. */
  readonly databaseUrl: string;
  readonly definition: ProcessDefinition;
}

export async function realGateway({
  stack,
  databaseUrl,
  definition,
}: RealGatewayOptions): Promise<RealGateway> {
  const prefix = uniquePrefix();
  const topics = topicNames(prefix);
  const log = createLogger('gateway', process.env['LOG_LEVEL'] ?? 'silent');
  const metrics = startMetrics('gateway', {});
  const [serde] = await Promise.all([
    readySerde(stack.registryUrl, prefix),
    createTopics({ brokers: stack.kafkaBrokers, prefix, partitions: 2 }),
    migrate({ databaseUrl }),
  ]);
  const transport = new KafkaTransport({ brokers: stack.kafkaBrokers, clientId: 'gateway-test' });
  const producer = await transport.producer();
  const sink = await startTimescaleSink({
    transport,
    serde,
    databaseUrl,
    group: `${prefix}sink`,
    names: topics,
  });
  const stored = openStoredHistory(databaseUrl, definition, log);
  const checks = { registry: registryCheck(stack.registryUrl), database: () => stored.check() };
  const start = (port: number): Promise<Gateway> =>
    startGateway({
      port,
      definition,
      topics,
      transport,
      serde,
      producer,
      history: stored.history,
      checks,
      log,
      metrics,
    });
  let gateway: Gateway | undefined = await start(0);
  const { url } = gateway;
  const stopGateway = async (): Promise<void> => {
    await gateway?.stop();
    gateway = undefined;
  };
  return {
    url,
    transport,
    serde,
    prefix,
    async publish(topic, ...values) {
      const codec = serde.codec(topic);
      await producer.send(
        values.map((value) => ({
          topic: topics[topic],
          key: value.asset,
          value: codec.encode(value),
          timestamp: Date.now(),
        })),
      );
    },
    stopGateway,
    async startGateway() {
      gateway = await start(Number(new URL(url).port));
    },
    async stop() {
      await stopGateway();
      await sink.stop();
      await producer.close();
      await transport.close();
      await stored.close();
      await metrics.stop();
    },
  };
}

async function readySerde(registryUrl: string, prefix: string): Promise<Serde> {
  const serde = createSerde({ registryUrl, prefix });
  await serde.ready();
  return serde;
}
