/**
 * Moves the states and positions of steps to another number of partitions. More partitions give keys other places, and a key has
 * to meet its state there.
 *
 * A call that was interrupted is repeated: a state is moved in one transaction, and the positions say only at the end that
 * everything has moved.
 */
import { StreamError } from './errors.ts';
import { splitPartKey } from './part-key.ts';
import { partitionForKey } from './partitioner.ts';
import { readNote, writeNote } from './position-note.ts';
import {
  committedOf,
  factsOf,
  groupOfStep,
  partitionsFor,
  stateGroupOf,
  stateNote,
  type StepTopics,
} from './positions.ts';
import { transactionalId } from './take-over.ts';
import type {
  GroupOffsets,
  OffsetToCommit,
  ProducerRecord,
  TransactionalProducer,
  Transport,
} from './transport.ts';

export interface RepartitionOptions {
  readonly transport: Transport;
  /** As for the app that runs the steps. No app may run them now. */
  readonly application: string;
  readonly steps: readonly StepTopics[];
  /** A multiple of the number of partitions that there were. */
  readonly partitions: number;
  /** Gives the topics this number of partitions; those that have it already stay as they are. */
  readonly grow: () => Promise<void>;
}

export interface Repartitioned {
  readonly step: string;
  /** Number of partitions for which the states were made before. */
  readonly before: number;
  readonly keys: number;
  /** Keys whose states have moved. */
  readonly moved: number;
}

/** Bytes of states in one transaction; a larger state has one of its own. */
const mostBytes = 4 * 1024 ** 2;

/**
 * @returns the steps whose states and positions were moved
 * @throws StreamError BEHIND when a step has not processed all records of the old partitions; TOPIC_MISMATCH when the number is
 *   no multiple of the old one, or keys lie where another partitioner has put them
 */
export async function repartition(options: RepartitionOptions): Promise<readonly Repartitioned[]> {
  const { transport, application, steps, partitions, grow } = options;
  const before = new Map<StepTopics, number>();
  for (const step of steps) {
    const count = await partitionsBefore(step, options);
    // Otherwise a call before this one has moved everything of this step.
    if (count !== partitions) before.set(step, count);
  }
  for (const [step, count] of before) requireMultiple(step.step, count, partitions);
  for (const [step, count] of before) await requireCaughtUp(step, count, options);
  for (const [step, count] of before) await fence(step, count, options);
  await grow();
  // Records that came in the meantime may be of keys that move.
  for (const [step, count] of before) await requireCaughtUp(step, count, options);
  const producer = await transport.transactionalProducer(`${application}-repartition`);
  try {
    const done: Repartitioned[] = [];
    for (const [step, count] of before) {
      done.push({ step: step.step, before: count, ...(await moveStates(step, count, producer, options)) });
      await producer.transact([], await positionsAfter(step, options));
    }
    return done;
  } finally {
    await producer.close();
  }
}

const groupOf = ({ step }: StepTopics, { application }: Pick<RepartitionOptions, 'application'>): string =>
  groupOfStep(application, step);

async function partitionsBefore(step: StepTopics, options: RepartitionOptions): Promise<number> {
  const { transport } = options;
  const facts = await factsOf([step], transport);
  return partitionsFor(step, await committedOf(step, groupOf(step, options), transport), facts);
}

function requireMultiple(step: string, before: number, after: number): void {
  if (after >= before && after % before === 0) return;
  throw new StreamError(
    'TOPIC_MISMATCH',
    `the state of ${step} was made for ${before} partitions; ${after} is no multiple of that, so records of one key would lie ` +
      'in partitions that others have left',
  );
}

async function requireCaughtUp(step: StepTopics, before: number, options: RepartitionOptions): Promise<void> {
  const { transport } = options;
  for (const { topic } of step.inputs) {
    const committed = await transport.committedOffsets(groupOf(step, options), topic);
    const ends = await transport.endOffsets(topic);
    const beginnings = await transport.beginningOffsets(topic);
    for (let partition = 0; partition < before; partition++) {
      const end = ends.get(partition) ?? 0;
      const left = end - (committed.get(partition) ?? beginnings.get(partition) ?? 0);
      if (left > 0)
        throw new StreamError(
          'BEHIND',
          `${step.step} has still to process ${left} offsets of ${topic}/${partition}: let it run until it has caught up, while nothing ` +
            'is published, then stop it',
        );
    }
  }
}

/** Whoever still has a task of these partitions can no longer commit. */
async function fence(step: StepTopics, before: number, options: RepartitionOptions): Promise<void> {
  for (let partition = 0; partition < before; partition++) {
    const id = transactionalId(step, groupOf(step, options), partition);
    await (await options.transport.transactionalProducer(id)).close();
  }
}

/** The parts of one key's state in one partition, by record key. */
type Parts = Map<string, Buffer>;

async function moveStates(
  { changelog, step }: StepTopics,
  before: number,
  producer: TransactionalProducer,
  { transport, partitions }: RepartitionOptions,
): Promise<Pick<Repartitioned, 'keys' | 'moved'>> {
  if (changelog === undefined) return { keys: 0, moved: 0 };
  let moved = 0;
  const keys = new Set<string>();
  let batch: ProducerRecord[] = [];
  let bytes = 0;
  const send = async (): Promise<void> => {
    if (batch.length > 0) await producer.transact(batch, []);
    [batch, bytes] = [[], 0];
  };
  // Only old partitions: a state that is where it belongs now has moved before.
  for (let partition = 0; partition < before; partition++)
    for (const [key, parts] of await readParts(changelog, partition, transport)) {
      keys.add(key);
      const target = partitionForKey(key, partitions);
      if (target === partition) continue;
      if (partitionForKey(key, before) !== partition)
        throw new StreamError(
          'TOPIC_MISMATCH',
          `the state of ${step} for the key ${key} lies in partition ${partition} of ${changelog}, where no producer with Kafka's usual ` +
            'partitioner puts this key: its states cannot be moved by their keys',
        );
      moved += 1;
      for (const [recordKey, value] of parts) {
        batch.push({ topic: changelog, partition: target, key: recordKey, value });
        batch.push({ topic: changelog, partition, key: recordKey, value: null });
        bytes += value.length;
      }
      if (bytes >= mostBytes) await send();
    }
  await send();
  for (let partition = before; partition < partitions; partition++)
    for (const key of (await readParts(changelog, partition, transport)).keys()) keys.add(key);
  return { keys: keys.size, moved };
}

async function readParts(
  topic: string,
  partition: number,
  transport: Transport,
): Promise<ReadonlyMap<string, Parts>> {
  const states = new Map<string, Parts>();
  await transport.read({ topic, partition }, (records) => {
    for (const { key: recordKey, value } of records) {
      if (recordKey === null) continue;
      const name = recordKey.toString();
      const [key] = splitPartKey(name);
      const parts = states.get(key) ?? new Map<string, Buffer>();
      if (value === null) parts.delete(name);
      else parts.set(name, value);
      if (parts.size === 0) states.delete(key);
      else states.set(key, parts);
    }
  });
  return states;
}

/** The same offsets, for the new number of partitions; a new partition begins at its beginning. */
async function positionsAfter(
  step: StepTopics,
  options: RepartitionOptions,
): Promise<readonly GroupOffsets[]> {
  const { transport, partitions } = options;
  const group = groupOf(step, options);
  const facts = await factsOf([step], transport);
  const idOf = (topic: string): string => facts(topic).id;
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const offsets: OffsetToCommit[] = [];
  const inputs = step.inputs.map(({ topic }) => topic);
  const committed = await transport.committedPositions(group, inputs);
  for (const topic of inputs) {
    const beginnings = await transport.beginningOffsets(topic);
    const changelogId = step.changelog === undefined ? '' : idOf(step.changelog);
    for (const partition of all) {
      const position = committed.get(topic)?.get(partition);
      const gaps = readNote(position?.note ?? '')?.gaps ?? [];
      const note = writeNote({ topicId: idOf(topic), partitions, changelogId, gaps });
      offsets.push({ topic, partition, offset: position?.offset ?? beginnings.get(partition) ?? 0, note });
    }
  }
  const { changelog } = step;
  if (changelog === undefined) return [{ group, offsets }];
  const note = stateNote(step.inputs, partitions, facts);
  const anchors = all.map((partition) => ({ topic: changelog, partition, offset: 0, note }));
  return [
    { group, offsets },
    { group: stateGroupOf(group), offsets: anchors },
  ];
}
