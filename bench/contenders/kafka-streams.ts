/** The peer on Kafka Streams: the same steps in Java, built from bench/peers/kafka-streams. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildKafkaStreamsPeer } from '../peers/build.ts';
import { definitionForPeers } from '../peers/definition.ts';
import { Child } from './child.ts';
import { runningUntilCommitted, type Contender, type Run, type Running } from './contender.ts';

export interface StreamsOptions {
  readonly threads: number;
  readonly commitIntervalMs: number;
  readonly guarantee: 'exactly_once_v2' | 'at_least_once';
  /** `heap`: the peer's own store keeps objects. `in-memory`: the store of Kafka Streams keeps bytes. */
  readonly store: 'heap' | 'in-memory';
  /** More settings of StreamsConfig, by name. */
  readonly settings: Readonly<Record<string, string>>;
  readonly jvm: readonly string[];
}

/**
 * Settings for two cores, shared with the broker. On a backlog, committing every 500 ms takes a fifth less CPU than the
 * default of 100 ms; 1,000 ms saves nothing more. A Castwatch task commits about as often there, every 2,000 records.
 */
export const tunedStreams: StreamsOptions = {
  threads: 1,
  commitIntervalMs: 500,
  guarantee: 'exactly_once_v2',
  store: 'heap',
  settings: {},
  jvm: ['-Xms512m', '-Xmx512m', '-XX:+UseSerialGC'],
};

export const kafkaStreams = (name: string, title: string, options: StreamsOptions): Contender => ({
  name,
  title,
  start: (run) => start(run, options),
});

async function start(run: Run, { jvm, ...options }: StreamsOptions): Promise<Running> {
  const { java, classpath } = await buildKafkaStreamsPeer();
  const { kafka, brokers, definition, folder, schemaIds } = run;
  const applicationId = `${kafka.prefix}kafka-streams`;
  const stateDir = join(folder, 'kafka-streams');
  mkdirSync(stateDir, { recursive: true });
  const config = join(folder, 'kafka-streams.json');
  writeFileSync(
    config,
    JSON.stringify({
      ...options,
      brokers: brokers.join(','),
      applicationId,
      stateDir,
      topics: kafka.topics,
      schemaIds,
      definition: definitionForPeers(definition),
    }),
  );
  const child = new Child({
    file: java,
    args: [
      ...jvm,
      // Kafka Streams always loads RocksDB's native library. Without this flag the JDK warns about native access.
      '--enable-native-access=ALL-UNNAMED',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      ...['-cp', classpath, 'App', config],
    ],
    logFile: join(folder, 'kafka-streams.log'),
    ready: 'state RUNNING',
  });
  await child.untilReady();
  return runningUntilCommitted(child, kafka, applicationId, kafka.topics.sensorReadings);
}
