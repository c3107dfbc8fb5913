/** Opens Kafka, the schema registry and the database for a role. */
import { Pool } from 'pg';
import { Backoff } from '../base/retry.ts';
import { topicNames, type TopicNames } from '../schemas/catalogue.ts';
import { createSerde, type Serde } from '../schemas/registry/serde.ts';
import { KafkaTransport, type Compression, type Transport } from '../stream/index.ts';
import { connectionLifetime } from '../sinks/timescale/database-connection.ts';
import { CastwatchError } from '../base/errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { requireAddresses } from './config.ts';
import type { RoleContext } from './role.ts';

export interface Kafka {
  readonly transport: Transport;
  /** Ready to use: its schemas are registered. */
  readonly serde: Serde;
  readonly topics: TopicNames;
  readonly prefix: string;
  close(): Promise<void>;
}

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly prefix: string;
  readonly clientId: string;
  /** What records are written with; default none. */
  readonly compression?: Compression;
  readonly log: Logger;
  /** Called with the number of texts of one record whose padding was cut. */
  readonly onPadded?: (texts: number) => void;
  /** Stops waiting for a schema registry that does not answer. */
  readonly signal?: AbortSignal;
}

/** Waits until the schema registry answers. It does not wait for the brokers: the first use of the transport does. */
export async function openKafka(settings: KafkaSettings): Promise<Kafka> {
  const { brokers, registryUrl, prefix, clientId, compression = 'none', log, onPadded } = settings;
  const serde = createSerde({ registryUrl, prefix, log, onPadded });
  await untilReady(serde, settings);
  const transport = new KafkaTransport({ brokers, clientId, compression, log });
  return { transport, serde, topics: topicNames(prefix), prefix, close: () => transport.close() };
}

/** Opens Kafka at the addresses in the environment. */
export function openKafkaFor(
  role: string,
  {
    config,
    log,
    metrics,
    signal,
  }: Pick<RoleContext, 'config' | 'log' | 'signal'> & Partial<Pick<RoleContext, 'metrics'>>,
): Promise<Kafka> {
  const { brokers, registryUrl } = requireAddresses(config, 'brokers', 'registryUrl');
  return openKafka({
    brokers,
    registryUrl,
    prefix: config.TOPIC_PREFIX,
    clientId: `castwatch-${role}`,
    compression: config.KAFKA_COMPRESSION,
    log,
    onPadded: (texts) => {
      metrics?.textsPadded.add(texts, { entry: 'topic' });
    },
    signal,
  });
}

async function untilReady(serde: Serde, { registryUrl, log, signal }: KafkaSettings): Promise<void> {
  const backoff = new Backoff({ first: 250, longest: 5_000 });
  for (;;) {
    try {
      await serde.ready();
      return;
    } catch (error) {
      const mayReturn = error instanceof CastwatchError && error.code === 'REGISTRY_UNAVAILABLE';
      if (!mayReturn || signal?.aborted === true) throw error;
      log.warn(
        { url: withoutPassword(registryUrl), cause: error.message },
        'waiting for the schema registry',
      );
      await backoff.pause();
    }
  }
}

/** The URL with `***` in place of the password, for logs and terminals. */
export function withoutPassword(url: string): string {
  const parsed = new URL(url);
  if (parsed.password !== '') parsed.password = '***';
  return parsed.href;
}

/** A broken connection rejects the query in progress or the next one. It must not end the process. */
export function openPool(databaseUrl: string): Pool {
  const pool = new Pool({ connectionString: databaseUrl, max: 4, maxLifetimeSeconds: connectionLifetime });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}
