/** A gateway over a broker in memory and a history that is given: for tests of REST and the live stream alone. */
import { startGateway, type Gateway, type GatewayOptions } from '../../gateway/server.ts';
import type { History } from '../../gateway/history.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { avroTopicIds, defaultPartitions, topics, type AvroTopicId } from '../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../schemas/registry/serde.ts';
import type { ValueOf } from '../../schemas/values.ts';
import { MemoryBroker, MemoryTransport } from '../../stream/index.ts';
import { createLogger } from '../../telemetry/log.ts';
import { startMetrics, type Metrics } from '../../telemetry/metrics.ts';

export const emptyHistory: History = {
  assets: () => Promise.resolve([]),
  predictions: () => Promise.resolve([]),
  scans: () => Promise.resolve([]),
  alerts: () => Promise.resolve([]),
  rows: () => Promise.resolve([]),
};

/** As when the database is down. */
export const noHistory: History = {
  assets: () => Promise.reject(new Error('connection refused')),
  predictions: () => Promise.reject(new Error('connection refused')),
  scans: () => Promise.reject(new Error('connection refused')),
  alerts: () => Promise.reject(new Error('connection refused')),
  rows: () => Promise.reject(new Error('connection refused')),
};

export interface MemoryGateway {
  readonly gateway: Gateway;
  readonly broker: MemoryBroker;
  readonly metrics: Metrics;
  /** Writes to a topic as the pipeline would. */
  publish<T extends AvroTopicId & keyof typeof topics>(
    topic: T,
    value: ValueOf<T> & { readonly asset: string },
  ): void;
  stop(): Promise<void>;
}

export async function memoryGateway(
  definition: ProcessDefinition,
  options: Partial<GatewayOptions> & { readonly broker?: MemoryBroker } = {},
): Promise<MemoryGateway> {
  const { broker = new MemoryBroker(), ...given } = options;
  for (const id of avroTopicIds) broker.createTopic(topics[id].name, defaultPartitions);
  const transport = new MemoryTransport(broker);
  const serde = serdeWithoutRegistry();
  const metrics = startMetrics('gateway', {});
  const gateway = await startGateway({
    port: 0,
    definition,
    transport,
    serde,
    producer: await transport.producer(),
    history: emptyHistory,
    checks: {},
    log: createLogger('gateway', 'silent'),
    metrics,
    flushEvery: 10,
    ...given,
  });
  return {
    gateway,
    broker,
    metrics,
    publish(topic, value) {
      const bytes = serde.codec(topic).encode(value);
      broker.send([{ topic: topics[topic].name, key: value.asset, value: bytes, timestamp: Date.now() }]);
    },
    async stop() {
      await gateway.stop();
      await metrics.stop();
    },
  };
}
