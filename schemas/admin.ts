/**
 * Creates the topics of the catalogue on a cluster, and reports where existing topics differ.
 *
 * By default, topics are kept by size. Kafka computes a record's age from the record's own timestamp, and our timestamps
 * come from the source. If topics were kept by age, the broker would delete a replay of last year's data before any consumer
 * has read it. Keep by age only in plants that never replay history. For the same reason the broker must not refuse a
 * record with a timestamp in the future: validation decides about that, record by record.
 */
import kafkajs, { type Admin } from 'kafkajs';
import { until } from '../base/retry.ts';
import { messageOf } from '../base/text.ts';
import { fixKafkajs } from '../stream/index.ts';
import { CastwatchError } from '../base/errors.ts';
import {
  defaultPartitions,
  topicIds,
  topicNames,
  topics,
  type TopicEntry,
  type TopicId,
} from './catalogue.ts';

// Node finds only some of this CommonJS module's exports.
const { ConfigResourceTypes, Kafka, KafkaJSProtocolError, logLevel } = kafkajs;
fixKafkajs();

export interface CreateTopicsOptions {
  readonly brokers: readonly string[];
  /** Default 4. All topics have the same number, so that records with the same key have the same partition. */
  readonly partitions?: number | undefined;
  /** Default: all of the catalogue. */
  readonly topics?: readonly TopicId[] | undefined;
  readonly prefix?: string | undefined;
  readonly retention?: 'by-size' | 'by-age' | undefined;
  /** Whose time records of producers have: the producer's own, or the broker's when it takes the record. Default: source. */
  readonly clock?: 'source' | 'broker' | undefined;
}

export interface TopicsReport {
  readonly created: readonly string[];
  readonly existing: readonly string[];
  /** How existing topics differ from the catalogue, one sentence each. They are not changed. */
  readonly differences: readonly string[];
}

/** @throws CastwatchError KAFKA_UNAVAILABLE */
export async function createTopics(options: CreateTopicsOptions): Promise<TopicsReport> {
  const {
    brokers,
    partitions = defaultPartitions,
    prefix = '',
    retention = 'by-size',
    clock = 'source',
  } = options;
  const wanted = (options.topics ?? topicIds).map((id) => ({
    name: topicNames(prefix)[id],
    entry: topics[id],
  }));
  return withAdmin(brokers, async (admin) => {
    const { brokers: nodes } = await admin.describeCluster();
    const replicas = Math.min(3, nodes.length);
    const there = new Set(await admin.listTopics());
    const missing = wanted.filter(({ name }) => !there.has(name));
    await createMissing(
      admin,
      missing.map(({ name, entry }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: replicas,
        configEntries: Object.entries(topicConfig(entry, replicas, retention, clock)).map(([key, value]) => ({
          name: key,
          value,
        })),
      })),
    );
    const existing = wanted.filter(({ name }) => there.has(name));
    return {
      created: missing.map(({ name }) => name),
      existing: existing.map(({ name }) => name),
      differences: existing.length === 0 ? [] : await findDifferences(admin, existing, partitions),
    };
  });
}

/**
 * Gives the topics whose key is the asset this number of partitions. The others stay as they are: no state belongs to their keys,
 * and the model registry looks for a process in its partition.
 * @returns the topics that have more partitions now
 * @throws CastwatchError KAFKA_UNAVAILABLE; CONFIGURATION when a topic has more partitions already
 */
export async function addPartitions({
  brokers,
  partitions,
  prefix = '',
}: Pick<CreateTopicsOptions, 'brokers' | 'prefix'> & { readonly partitions: number }): Promise<
  readonly string[]
> {
  const names = topicIds.filter((id) => topics[id].key === 'asset').map((id) => topicNames(prefix)[id]);
  return withAdmin(brokers, async (admin) => {
    const { topics: metadata } = await admin.fetchTopicMetadata({ topics: names });
    const tooMany = metadata.find((topic) => topic.partitions.length > partitions);
    if (tooMany !== undefined)
      throw new CastwatchError(
        'CONFIGURATION',
        `${tooMany.name} has ${tooMany.partitions.length} partitions already, and Kafka cannot take partitions away.`,
        { remedy: 'Give that number, or a multiple of it.' },
      );
    const fewer = metadata.filter((topic) => topic.partitions.length < partitions).map(({ name }) => name);
    if (fewer.length === 0) return fewer;
    await admin.createPartitions({
      topicPartitions: fewer.map((topic) => ({ topic, count: partitions })),
    });
    await untilLed(admin, fewer, partitions);
    return fewer;
  });
}

/** Returns the groups that have members now. */
export async function groupsInUse(
  brokers: readonly string[],
  groups: readonly string[],
): Promise<readonly string[]> {
  return withAdmin(brokers, async (admin) => {
    const described = await admin.describeGroups([...groups]);
    return described.groups.filter(({ members }) => members.length > 0).map(({ groupId }) => groupId);
  });
}

/** Returns Kafka's topic configuration for an entry of the catalogue. */
export function topicConfig(
  entry: TopicEntry,
  replicas: number,
  retention: 'by-size' | 'by-age',
  clock: 'source' | 'broker' = 'source',
): Readonly<Record<string, string>> {
  const always = {
    'cleanup.policy': entry.cleanup,
    // With three replicas, one may be unavailable; with fewer, all are needed.
    'min.insync.replicas': replicas >= 3 ? '2' : '1',
    'message.timestamp.after.max.ms': '9223372036854775807',
    ...(clock === 'broker' && entry.fromOutside && { 'message.timestamp.type': 'LogAppendTime' }),
    ...(entry.maxMessageBytes === undefined ? {} : { 'max.message.bytes': String(entry.maxMessageBytes) }),
  };
  if (entry.historyDays !== undefined) {
    // There are few records, and an operator may ask for each of them.
    return { ...always, 'min.compaction.lag.ms': String(entry.historyDays * 86_400_000) };
  }
  if (entry.cleanup === 'compact') {
    return {
      ...always,
      // A changelog is read in full at every take-over, so keep it close to one record per key.
      'min.cleanable.dirty.ratio': '0.1',
      'segment.ms': String(10 * 60_000),
      'segment.bytes': String(64 * 1024 ** 2),
      'max.compaction.lag.ms': String(60 * 60_000),
    };
  }
  const bytes = { 'retention.ms': '-1', 'retention.bytes': String((entry.retentionGiB ?? 1) * 1024 ** 3) };
  const age = { 'retention.ms': String((entry.retentionDays ?? 7) * 86_400_000), 'retention.bytes': '-1' };
  return { ...always, ...(retention === 'by-size' ? bytes : age) };
}

type TopicsToCreate = Parameters<Admin['createTopics']>[0]['topics'];

async function createMissing(admin: Admin, missing: TopicsToCreate): Promise<void> {
  if (missing.length === 0) return;
  // Returns false if another client has created them in the meantime, which is fine too.
  await admin.createTopics({ topics: missing, waitForLeaders: false });
  await untilLed(
    admin,
    missing.map(({ topic }) => topic),
  );
}

const longestElection = 15_000; // ms

/** Waits until each topic has leaders. kafkajs' own wait fails when another client creates the same topics at the same time. */
async function untilLed(admin: Admin, names: string[], fewest = 1): Promise<void> {
  const isLed = async (): Promise<boolean> => {
    try {
      const { topics: metadata } = await admin.fetchTopicMetadata({ topics: names });
      return metadata.every(
        ({ partitions }) => partitions.length >= fewest && partitions.every(({ leader }) => leader >= 0),
      );
    } catch (error) {
      if (error instanceof KafkaJSProtocolError && error.retriable) return false;
      throw error;
    }
  };
  await until('the leaders of the topics', isLed, { timeout: longestElection });
}

async function findDifferences(
  admin: Admin,
  existing: readonly { readonly name: string; readonly entry: TopicEntry }[],
  partitions: number,
): Promise<readonly string[]> {
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: existing.map(({ name }) => name) });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: existing.map(({ name }) => ({
      type: ConfigResourceTypes.TOPIC,
      name,
      configNames: ['cleanup.policy', 'max.message.bytes'],
    })),
  });
  return existing.flatMap(({ name, entry }) => {
    const count = metadata.find((topic) => topic.name === name)?.partitions.length;
    const { configEntries = [] } = resources.find(({ resourceName }) => resourceName === name) ?? {};
    const value = (of: string): string | undefined =>
      configEntries.find(({ configName }) => configName === of)?.configValue;
    const policy = value('cleanup.policy');
    const bytes = value('max.message.bytes');
    const wantedBytes = entry.maxMessageBytes;
    return [
      // The number matters only where a state or a join belongs to the keys.
      ...(count === partitions || entry.key !== 'asset'
        ? []
        : [`${name} has ${count ?? 0} partitions instead of ${partitions}`]),
      ...(policy === entry.cleanup
        ? []
        : [`${name} has cleanup.policy ${policy ?? 'unknown'} instead of ${entry.cleanup}`]),
      ...(wantedBytes === undefined || Number(bytes) >= wantedBytes
        ? []
        : [`${name} has max.message.bytes ${bytes ?? 'unknown'} instead of ${wantedBytes}`]),
    ];
  });
}

async function withAdmin<T>(brokers: readonly string[], work: (admin: Admin) => Promise<T>): Promise<T> {
  const kafka = new Kafka({
    clientId: 'castwatch-admin',
    brokers: [...brokers],
    connectionTimeout: 5_000,
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 },
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (cause) {
    if (cause instanceof CastwatchError) throw cause;
    const why = messageOf(cause);
    throw new CastwatchError(
      'KAFKA_UNAVAILABLE',
      `Kafka at ${brokers.join(', ')} cannot create the topics: ${why}`,
      {
        cause,
        remedy:
          'Check that it is running, that KAFKA_BROKERS is correct, and that this client may create topics.',
      },
    );
  } finally {
    await admin.disconnect();
  }
}
