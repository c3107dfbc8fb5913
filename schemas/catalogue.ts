/**
 * The topic catalogue: every topic, once. Topics are created, schemas registered, types generated and the
 * AsyncAPI document made from here; nothing else names a topic.
 */

export interface TopicEntry {
  /** Topic name; also the registry subject, with `-value` after it. */
  readonly name: string;
  /** What the record key is; equal keys stay in order. `role`: process and role; the process decides on the partition. */
  readonly key: 'asset' | 'process' | 'role' | 'original';
  /** File in `topics/`; null for topics whose values are bytes of another topic or of a step's state. */
  readonly schema: string | null;
  readonly cleanup: 'delete' | 'compact';
  /** Days that records are kept where topics are kept by age; null for compacted topics. */
  readonly retentionDays: number | null;
  /** GiB per partition that are kept where topics are kept by size; null for compacted topics. */
  readonly retentionGiB: number | null;
  /** Bytes of the largest record batch, where it is not the broker's 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Of compacted topics: days that older values of a key stay at least. None: they go as soon as it may be. */
  readonly historyDays?: number;
  /** Who may write. Left out: the steps that `processors/topology.ts` names. */
  readonly owner?: string;
  /** Whether the sink keeps its records in a table; if not, why not. */
  readonly stored: true | { readonly why: string };
  readonly description: string;
}

/** All topics have the same number of partitions, so that whatever shares a key shares a partition. */
export const defaultPartitions = 4;

/** Where a step keeps the state of its keys. */
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
    stored: { why: 'each reading is stored as a validated or a rejected one' },
    description: 'One scan of an asset, as measured.',
  },
  mesEvents: {
    name: 'mes-events.v1',
    key: 'asset',
    schema: 'mes-events.v1.avsc',
    cleanup: 'delete',
    retentionDays: 30,
    retentionGiB: 1,
    owner: 'the MES',
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
    stored: true,
    description: 'What was found, per piece or span, days later.',
  },
  validatedReadings: {
    name: 'validated-readings.v1',
    key: 'asset',
    schema: 'validated-readings.v1.avsc',
    cleanup: 'delete',
    retentionDays: 7,
    retentionGiB: 8,
    stored: true,
    description: 'Readings that may be trusted, repairs flagged.',
  },
  rejectedReadings: {
    name: 'rejected-readings.v1',
    key: 'asset',
    schema: 'rejected-readings.v1.avsc',
    cleanup: 'delete',
    retentionDays: 30,
    retentionGiB: 2,
    stored: true,
    description: 'What was wrong with a reading or a tag, with the reason.',
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
    description: 'What challenger and shadow say of the same rows; it raises no alert.',
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
      'What instances made of entries in models.v1: serving a bundle, or refusing it with the reason.',
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
    description: 'What became of predictions, once labels told.',
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
    // Whatever another topic takes, with the headers that say why it died.
    maxMessageBytes: 2 * 1024 ** 2,
    owner: 'every step and sink',
    stored: { why: 'an operator reads and repairs dead letters on the topic' },
    description: 'Records that could not be processed: original bytes and headers, and why.',
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

/** Topics that have a table. */
export type StoredTopic = {
  [T in AvroTopicId]: (typeof topics)[T]['stored'] extends true ? T : never;
}[AvroTopicId];

/** Topics that hold the states of a step's keys. */
export type ChangelogTopicId = Extract<TopicId, `${string}Changelog`>;

export const topicIds = Object.keys(topics) as readonly TopicId[];
export const avroTopicIds = topicIds.filter((id): id is AvroTopicId => topics[id].schema !== null);
export const storedTopics = avroTopicIds.filter((id): id is StoredTopic => topics[id].stored === true);

/** The steps that write a topic. The topology knows them; it comes after the catalogue. */
export type StepsWriting = (topic: TopicId) => readonly string[];

/**
 * Who writes the topic, in words.
 * @throws Error when nobody does
 */
export function writersOf(topic: TopicId, stepsWriting: StepsWriting): string {
  const { owner = stepsWriting(topic).join(', ') }: TopicEntry = topics[topic];
  if (owner === '') throw new Error(`no step writes ${topic}, and the catalogue names no owner`);
  return owner;
}

export type TopicNames = Readonly<Record<TopicId, string>>;

/** The topics' names on the broker. A prefix lets several installations (or tests) share one. */
export function topicNames(prefix = ''): TopicNames {
  const names = topicIds.map((id) => [id, `${prefix}${topics[id].name}`]);
  return Object.fromEntries(names) as Record<TopicId, string>;
}

/** The registry's subject for a topic's values (TopicNameStrategy). */
export const subjectOf = (topic: TopicId, prefix = ''): string => `${prefix}${topics[topic].name}-value`;
