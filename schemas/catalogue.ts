/**
 * The topic catalogue, with one entry per topic. Topics, registered schemas, generated types and the AsyncAPI document
 * are all made from it. No other file names a topic.
 */

export interface TopicEntry {
  /** Topic name; also the registry subject, with `-value` after it. */
  readonly name: string;
  /** What the record key is; records with equal keys stay in order. `role`: process and role; the process decides on the partition. `reader`: step and partition, or sink, topic and partition. */
  readonly key: 'asset' | 'process' | 'role' | 'original' | 'reader';
  /** File in `topics/`; null for topics with bytes of another topic, of a step's state, or of the stream runtime as values. */
  readonly schema: string | null;
  readonly cleanup: 'delete' | 'compact';
  /** Days that records are kept where topics are kept by age; null for compacted topics. */
  readonly retentionDays: number | null;
  /** GiB per partition that are kept where topics are kept by size; null for compacted topics. */
  readonly retentionGiB: number | null;
  /** Bytes of the largest record batch, where it is not the broker's 1 MiB. */
  readonly maxMessageBytes?: number;
  /** For compacted topics: minimum number of days that older values of a key are kept. Without it, Kafka may remove them at once. */
  readonly historyDays?: number;
  /** Who may write. Without it: the steps that `processors/topology.ts` names. */
  readonly owner?: string;
  /** True when programs outside Castwatch write it. Their clocks may be wrong. */
  readonly fromOutside?: true;
  /** Whether the sink keeps its records in a table; if not, why not. */
  readonly stored: true | { readonly why: string };
  readonly description: string;
}

/** All topics have the same number of partitions, so that records with the same key have the same partition. */
export const defaultPartitions = 4;

/** The topic in which a step keeps the state of its keys. */
const changelogOf = <Step extends string>(step: Step) =>
  ({
    name: `${step}-changelog`,
    key: 'asset',
    schema: null,
    cleanup: 'compact',
    retentionDays: null,
    retentionGiB: null,
    stored: { why: 'it is the state of a step, which only that step reads' },
    description: `The state of the step ${step}, by key.`,
  }) as const satisfies TopicEntry;

export const topics = {
  sensorReadings: {
    name: 'sensor-readings.v1',
    key: 'asset',
    schema: 'sensor-readings.v1.avsc',
    cleanup: 'delete',
    retentionDays: 7,
    retentionGiB: 8,
    owner: 'any producer',
    fromOutside: true,
    stored: { why: 'each reading is stored as a validated or a rejected one' },
    description: 'One scan of an asset, as the source measured it.',
  },
  mesEvents: {
    name: 'mes-events.v1',
    key: 'asset',
    schema: 'mes-events.v1.avsc',
    cleanup: 'delete',
    retentionDays: 30,
    retentionGiB: 1,
    owner: 'the MES',
    fromOutside: true,
    stored: true,
    description: 'Pieces starting, changing and ending; joined to readings.',
  },
  qualityLabels: {
    name: 'quality-labels.v1',
    key: 'asset',
    schema: 'quality-labels.v1.avsc',
    cleanup: 'delete',
    retentionDays: 365,
    retentionGiB: 1,
    owner: 'Quality Management',
    fromOutside: true,
    stored: true,
    description: 'Findings of Quality Management per piece or span of time, days later.',
  },
  validatedReadings: {
    name: 'validated-readings.v1',
    key: 'asset',
    schema: 'validated-readings.v1.avsc',
    cleanup: 'delete',
    retentionDays: 7,
    retentionGiB: 8,
    stored: true,
    description: 'Readings that passed validation, with repairs flagged.',
  },
  rejectedReadings: {
    name: 'rejected-readings.v1',
    key: 'asset',
    schema: 'rejected-readings.v1.avsc',
    cleanup: 'delete',
    retentionDays: 30,
    retentionGiB: 2,
    stored: true,
    description: 'Rejected readings and tags, with the reason.',
  },
  features: {
    name: 'features.v1',
    key: 'asset',
    schema: 'features.v1.avsc',
    cleanup: 'delete',
    retentionDays: 7,
    retentionGiB: 8,
    stored: true,
    description: 'One row of features per asset and hop.',
  },
  predictions: {
    name: 'predictions.v1',
    key: 'asset',
    schema: 'predictions.v1.avsc',
    cleanup: 'delete',
    retentionDays: 30,
    retentionGiB: 4,
    stored: true,
    description: 'Calibrated probabilities with their reasons.',
  },
  shadowPredictions: {
    name: 'shadow-predictions.v1',
    key: 'asset',
    schema: 'shadow-predictions.v1.avsc',
    cleanup: 'delete',
    retentionDays: 30,
    retentionGiB: 4,
    stored: true,
    description: 'Predictions of challenger and shadow for the same rows; they raise no alarm.',
  },
  models: {
    name: 'models.v1',
    key: 'role',
    schema: 'models.v1.avsc',
    cleanup: 'compact',
    retentionDays: null,
    retentionGiB: null,
    historyDays: 3_650,
    owner: 'models',
    stored: true,
    description: 'Which bundle is champion, challenger or shadow of a process, since when, by whom and why.',
  },
  modelEvents: {
    name: 'model-events.v1',
    key: 'process',
    schema: 'model-events.v1.avsc',
    cleanup: 'delete',
    retentionDays: 365,
    retentionGiB: 1,
    owner: 'predict',
    stored: true,
    description:
      'How instances reacted to entries in models.v1: they serve a bundle, or refuse it with the reason.',
  },
  alerts: {
    name: 'alerts.v1',
    key: 'asset',
    schema: 'alerts.v1.avsc',
    cleanup: 'delete',
    retentionDays: 365,
    retentionGiB: 1,
    stored: true,
    description: 'The life of every alarm, transition by transition.',
  },
  binnedRows: {
    name: 'binned-rows.v1',
    key: 'asset',
    schema: 'binned-rows.v1.avsc',
    cleanup: 'delete',
    retentionDays: 7,
    retentionGiB: 2,
    stored: { why: 'the reports of drift are stored, and feature rows hold the values' },
    description: 'Rows as the bundle’s reference sees them; drift is measured on these.',
  },
  drift: {
    name: 'drift.v1',
    key: 'asset',
    schema: 'drift.v1.avsc',
    cleanup: 'delete',
    retentionDays: 365,
    retentionGiB: 1,
    stored: true,
    description: 'How far live rows are from the training rows, per asset and window.',
  },
  judgedPredictions: {
    name: 'judged-predictions.v1',
    key: 'asset',
    schema: 'judged-predictions.v1.avsc',
    cleanup: 'delete',
    retentionDays: 365,
    retentionGiB: 1,
    stored: true,
    description: 'Whether predictions were right, once their labels arrived.',
  },
  liveQuality: {
    name: 'live-quality.v1',
    key: 'asset',
    schema: 'live-quality.v1.avsc',
    cleanup: 'delete',
    retentionDays: 365,
    retentionGiB: 1,
    stored: true,
    description: 'Precision, recall and calibration per asset, bundle and window, as labels arrive.',
  },
  deadLetters: {
    name: 'dead-letters.v1',
    key: 'original',
    schema: null,
    cleanup: 'delete',
    retentionDays: 30,
    retentionGiB: 2,
    // Room for the largest record of another topic, with the dead-letter headers. A record that its producer has compressed
    // may be larger: see stream/letter-size.ts.
    maxMessageBytes: 2 * 1024 ** 2,
    owner: 'every step and sink',
    stored: { why: 'an operator reads and repairs dead letters on the topic' },
    description:
      'Records that could not be processed: original bytes and headers, and the reason. A record without a value says that a letter was replayed or discarded, by whom and why.',
  },
  breakers: {
    name: 'breakers.v1',
    key: 'reader',
    schema: null,
    cleanup: 'compact',
    retentionDays: null,
    retentionGiB: null,
    historyDays: 3_650,
    owner: 'every step and sink, and `castwatch breaker`',
    stored: { why: 'it is read by those who write it, and by the gateway' },
    description:
      'Which step or sink stands still on which partition, since when and why, and who has told it to go on; JSON.',
  },
  validateChangelog: changelogOf('validate'),
  featuresChangelog: changelogOf('features'),
  alertChangelog: changelogOf('alert'),
  driftChangelog: changelogOf('drift'),
  qualityChangelog: changelogOf('quality'),
} as const satisfies Record<string, TopicEntry>;

export type TopicId = keyof typeof topics;

/** Topics whose values are Avro; the others carry bytes of another topic or of a step's state. */
export type AvroTopicId = {
  [T in TopicId]: (typeof topics)[T]['schema'] extends string ? T : never;
}[TopicId];

/** Topics that are stored in a table. */
export type StoredTopic = {
  [T in AvroTopicId]: (typeof topics)[T]['stored'] extends true ? T : never;
}[AvroTopicId];

/** Topics that hold the states of a step's keys. */
export type ChangelogTopicId = Extract<TopicId, `${string}Changelog`>;

export const topicIds = Object.keys(topics) as readonly TopicId[];
export const avroTopicIds = topicIds.filter((id): id is AvroTopicId => topics[id].schema !== null);
export const storedTopics = avroTopicIds.filter((id): id is StoredTopic => topics[id].stored === true);

/** Returns the steps that write a topic. The topology has them; it is in a higher layer than the catalogue. */
export type StepsWriting = (topic: TopicId) => readonly string[];

/**
 * Returns who writes the topic, as text.
 * @throws Error when it has no writer
 */
export function writersOf(topic: TopicId, stepsWriting: StepsWriting): string {
  const { owner = stepsWriting(topic).join(', ') }: TopicEntry = topics[topic];
  if (owner === '') throw new Error(`no step writes ${topic}, and the catalogue names no owner`);
  return owner;
}

export type TopicNames = Readonly<Record<TopicId, string>>;

/** Returns the topics' names on the broker. With a prefix, several installations (or tests) can share a broker. */
export function topicNames(prefix = ''): TopicNames {
  const names = topicIds.map((id) => [id, `${prefix}${topics[id].name}`]);
  return Object.fromEntries(names) as Record<TopicId, string>;
}

/** The registry's subject for a topic's values (TopicNameStrategy). */
export const subjectOf = (topic: TopicId, prefix = ''): string => `${prefix}${topics[topic].name}-value`;
