/** Creates the topics of the catalogue on a cluster, reports where topics differ, and mends that when asked to. */
import kafkajs, { type Admin } from 'kafkajs';
import { until } from '../base/retry.ts';
import { messageOf } from '../base/text.ts';
import { fixKafkajs, setTopicSettings } from '../stream/index.ts';
import { CastwatchError } from '../base/errors.ts';
import {
  defaultPartitions,
  topicIds,
  topicNames,
  topics,
  type TopicEntry,
  type TopicId,
} from './catalogue.ts';
import { topicConfig } from './topic-config.ts';
import { comparedSettings, topicDifferences, type TopicDifference } from './topic-differences.ts';

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
  /** Sets what differs, where a setting of the topic can mend it. */
  readonly fix?: boolean | undefined;
}

export interface TopicsReport {
  readonly created: readonly string[];
  readonly existing: readonly string[];
  /** How topics still differ from the catalogue, one sentence each. */
  readonly differences: readonly string[];
  /** The settings that were changed. */
  readonly fixed: readonly string[];
}

/** @throws CastwatchError KAFKA_UNAVAILABLE */
export async function createTopics(options: CreateTopicsOptions): Promise<TopicsReport> {
  const {
    brokers,
    partitions = defaultPartitions,
    prefix = '',
    retention = 'by-size',
    clock = 'source',
    fix: fixes = false,
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
    const existing = wanted.filter(({ name }) => there.has(name)).map(({ name }) => name);
    // Also new topics are compared, because a broker may have other defaults than Kafka has.
    const compare = (): Promise<readonly DifferenceFound[]> =>
      findDifferences(admin, wanted, { partitions, replicas, retention, clock });
    let differences = await compare();
    const fixable = fixes ? differences.filter((difference) => difference.fix !== undefined) : [];
    if (fixable.length > 0) {
      await fix(brokers, fixable);
      await until('the new settings of the topics', async () => {
        differences = await compare();
        return differences.every((difference) => difference.fix === undefined);
      });
    }
    return {
      created: missing.map(({ name }) => name),
      existing,
      differences: differences.map(({ text }) => text),
      fixed: fixable.map(({ topic, fix }) => `${topic}: ${fix?.setting ?? ''} = ${fix?.value ?? ''}`),
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

interface DifferenceFound extends TopicDifference {
  readonly topic: string;
}

async function findDifferences(
  admin: Admin,
  existing: readonly { readonly name: string; readonly entry: TopicEntry }[],
  wanted: Parameters<typeof topicDifferences>[3],
): Promise<readonly DifferenceFound[]> {
  if (existing.length === 0) return [];
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: existing.map(({ name }) => name) });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: existing.map(({ name }) => ({
      type: ConfigResourceTypes.TOPIC,
      name,
      configNames: [...comparedSettings],
    })),
  });
  return existing.flatMap(({ name, entry }) => {
    const { partitions = [] } = metadata.find((topic) => topic.name === name) ?? {};
    const { configEntries = [] } = resources.find(({ resourceName }) => resourceName === name) ?? {};
    const there = {
      partitions: partitions.length,
      replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      config: new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    };
    return topicDifferences(name, entry, there, wanted).map((difference) => ({ topic: name, ...difference }));
  });
}

/** Sets what a setting can mend; other settings of the topics stay as they are. */
async function fix(brokers: readonly string[], differences: readonly DifferenceFound[]): Promise<void> {
  const changes = new Map<string, Record<string, string>>();
  for (const { topic, fix } of differences) {
    if (fix === undefined) continue;
    changes.set(topic, { ...changes.get(topic), [fix.setting]: fix.value });
  }
  await setTopicSettings(connectionTo(brokers), changes);
}

async function withAdmin<T>(brokers: readonly string[], work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = connectionTo(brokers).admin();
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

const connectionTo = (brokers: readonly string[]): kafkajs.Kafka =>
  new Kafka({
    clientId: 'castwatch-admin',
    brokers: [...brokers],
    connectionTimeout: 5_000,
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 },
    logLevel: logLevel.NOTHING,
  });
