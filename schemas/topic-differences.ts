/**
 * How a topic that exists differs from what the catalogue wants. A topic that somebody made beforehand has the broker's
 * defaults, and several of them lose records, states or time.
 */
import { topicConfig, type Keeping } from './topic-config.ts';
import type { TopicEntry } from './catalogue.ts';

/** What a broker says about a topic. */
export interface ExistingTopic {
  readonly partitions: number;
  readonly replicas: number;
  readonly config: ReadonlyMap<string, string>;
}

export interface TopicDifference {
  /** What differs, what follows from it, and what to do. */
  readonly text: string;
  /** The value that `topics --fix` sets; undefined where no setting of the topic mends it. */
  readonly fix: { readonly setting: string; readonly value: string } | undefined;
}

type Fits = (has: string, wanted: string) => boolean;

const equal: Fits = (has, wanted) => has === wanted;
const atLeast: Fits = (has, wanted) => Number(has) >= Number(wanted);
const atMost: Fits = (has, wanted) => Number(has) <= Number(wanted);
/** Of limits in which -1 is none: more is accepted, but no limit only where none is wanted, because disks are finite. */
const keepsEnough: Fits = (has, wanted) =>
  has === wanted || (has !== '-1' && wanted !== '-1' && Number(has) > Number(wanted));

const slowTakeOver = { fits: atMost, otherwise: 'taking over a partition takes longer' };
const wrongRetention = {
  fits: keepsEnough,
  otherwise: 'records are deleted too early, or disks fill up (see `topics --retention`)',
};

/** By setting: whether a value will do, and what happens otherwise. */
const rules: Readonly<Record<string, { readonly fits: Fits; readonly otherwise: string }>> = {
  'cleanup.policy': { fits: equal, otherwise: 'the broker deletes what must stay, or keeps what must go' },
  'compression.type': { fits: equal, otherwise: 'the broker compresses each record again' },
  'max.message.bytes': { fits: atLeast, otherwise: 'the broker refuses large records' },
  'max.compaction.lag.ms': slowTakeOver,
  'message.timestamp.after.max.ms': {
    fits: atLeast,
    otherwise: 'the broker refuses records with a timestamp further ahead, before validation can decide',
  },
  'message.timestamp.before.max.ms': { fits: atLeast, otherwise: 'the broker refuses replayed history' },
  'message.timestamp.type': {
    fits: equal,
    otherwise: 'records have the time of another clock (see `topics --clock`)',
  },
  'min.cleanable.dirty.ratio': slowTakeOver,
  'min.compaction.lag.ms': { fits: atLeast, otherwise: 'history is lost that an operator may ask for' },
  'min.insync.replicas': {
    fits: equal,
    otherwise: 'an acknowledged record can be lost, or nothing can be written when one broker is away',
  },
  'retention.bytes': wrongRetention,
  'retention.ms': wrongRetention,
  'segment.bytes': slowTakeOver,
  'segment.ms': slowTakeOver,
  'unclean.leader.election.enable': {
    fits: equal,
    otherwise: 'committed records can be lost when a broker fails',
  },
};

/** The broker's defaults on which Castwatch depends; they are not set when a topic is made. */
const expectedDefaults: Readonly<Record<string, string>> = {
  'compression.type': 'producer',
  'max.message.bytes': String(1024 ** 2),
  'message.timestamp.before.max.ms': '9223372036854775807',
  'message.timestamp.type': 'CreateTime',
  'unclean.leader.election.enable': 'false',
};

/** The settings that are compared. */
export const comparedSettings = Object.keys(rules);

/** @param wanted with the numbers of partitions and replicas that a new topic would get */
export function topicDifferences(
  name: string,
  entry: TopicEntry,
  { partitions, replicas, config }: ExistingTopic,
  wanted: Keeping & { readonly partitions: number; readonly replicas: number },
): readonly TopicDifference[] {
  const differences: TopicDifference[] = [];
  // The number matters only where a state or a join belongs to the keys.
  if (entry.key === 'asset' && partitions !== wanted.partitions)
    differences.push({
      text:
        `${name} has ${partitions} partitions instead of ${wanted.partitions}: ` +
        (partitions < wanted.partitions
          ? `\`castwatch topics repartition --to ${wanted.partitions}\` adds them and moves the states`
          : `give \`--partitions ${partitions}\`, because Kafka cannot take partitions away`),
      fix: undefined,
    });
  if (replicas < wanted.replicas)
    differences.push({
      text: `${name} has ${replicas} replicas instead of ${wanted.replicas}: a broker that fails takes records along; add replicas with kafka-reassign-partitions`,
      fix: undefined,
    });
  const settings = { ...expectedDefaults, ...topicConfig(entry, replicas, wanted.retention, wanted.clock) };
  for (const [setting, value] of Object.entries(settings)) {
    const has = config.get(setting);
    const rule = rules[setting];
    // A setting that this broker does not have cannot differ.
    if (has === undefined || rule === undefined || rule.fits(has, value)) continue;
    differences.push({
      text: `${name} has ${setting} ${has} instead of ${value}: ${rule.otherwise}; \`castwatch topics --fix\` sets it`,
      fix: { setting, value },
    });
  }
  return differences;
}
