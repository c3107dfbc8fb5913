/**
 * Makes the topics of the catalogue on a cluster, and says where existing ones differ.
 *
 * Topics are kept by size unless asked otherwise. Kafka tells a record's age by the record's own timestamp, and
 * ours is the source's: a replay of last year's data would be deleted at the broker's next look, before anybody
 * has read it. By age is for plants that never replay history. For the same reason a timestamp in the future is
 * no ground for the broker to refuse a record: validation judges that, record by record.
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

// Node finds only some of this CommonJS module's names.
const { ConfigResourceTypes, Kafka, KafkaJSProtocolError, logLevel } = kafkajs;
fixKafkajs();

export interface CreateTopicsOptions {
  readonly brokers: readonly string[];
  /** Default 4; the same for all, so that what shares a key shares a partition. */
  readonly partitions?: number | undefined;
  /** Default: all of the catalogue. */
  readonly topics?: readonly TopicId[] | undefined;
  readonly prefix?: string | undefined;
  readonly retention?: 'by-size' | 'by-age' | undefined;
}

export interface TopicsReport {
  readonly created: readonly string[];
  readonly existing: readonly string[];
  /** What existing topics have and should not: one sentence each. Nothing is changed on them. */
  readonly differences: readonly string[];
}

/** @throws CastwatchError KAFKA_UNAVAILABLE */
export async function createTopics(options: CreateTopicsOptions): Promise<TopicsReport> {
  const { brokers, partitions = defaultPartitions, prefix = '', retention = 'by-size' } = options;
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
        configEntries: Object.entries(topicConfig(entry, replicas, retention)).map(([key, value]) => ({
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

/** Kafka's topic configuration for an entry of the catalogue. */
export function topicConfig(
  entry: TopicEntry,
  replicas: number,
  retention: 'by-size' | 'by-age',
): Readonly<Record<string, string>> {
  const always = {
    'cleanup.policy': entry.cleanup,
    // With three replicas one may be away; with fewer, none is spare.
    'min.insync.replicas': replicas >= 3 ? '2' : '1',
    'message.timestamp.after.max.ms': '9223372036854775807',
    ...(entry.maxMessageBytes === undefined ? {} : { 'max.message.bytes': String(entry.maxMessageBytes) }),
  };
  if (entry.historyDays !== undefined) {
    // Few records, each of which somebody may ask for.
    return { ...always, 'min.compaction.lag.ms': String(entry.historyDays * 86_400_000) };
  }
  if (entry.cleanup === 'compact') {
    return {
      ...always,
      // A changelog is read in full at every take-over: keep it close to one record per key.
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
  // Answers false where somebody else has made them in the meantime: as good.
  await admin.createTopics({ topics: missing, waitForLeaders: false });
  await untilLed(
    admin,
    missing.map(({ topic }) => topic),
  );
}

const longestElection = 15_000; // ms

/** kafkajs can wait for leaders itself, but fails when another client makes the same topics at the same time. */
async function untilLed(admin: Admin, names: string[]): Promise<void> {
  const isLed = async (): Promise<boolean> => {
    try {
      const { topics: metadata } = await admin.fetchTopicMetadata({ topics: names });
      return metadata.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
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
      configNames: ['cleanup.policy'],
    })),
  });
  return existing.flatMap(({ name, entry }) => {
    const count = metadata.find((topic) => topic.name === name)?.partitions.length;
    const policy = resources.find(({ resourceName }) => resourceName === name)?.configEntries[0]?.configValue;
    return [
      ...(count === partitions ? [] : [`${name} has ${count ?? 0} partitions instead of ${partitions}`]),
      ...(policy === entry.cleanup
        ? []
        : [`${name} has cleanup.policy ${policy ?? 'unknown'} instead of ${entry.cleanup}`]),
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
    const why = messageOf(cause);
    throw new CastwatchError(
      'KAFKA_UNAVAILABLE',
      `Kafka at ${brokers.join(', ')} cannot make the topics: ${why}`,
      {
        cause,
        remedy: 'Check that it runs, that KAFKA_BROKERS is right, and that this client may create topics.',
      },
    );
  } finally {
    await admin.disconnect();
  }
}
