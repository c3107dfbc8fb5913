/**
 * Looks at the committed positions of a task before it begins: whether the topics are those in which the offsets count, have
 * as many partitions as the state was made for, and still have the next records.
 */
import type { Stage } from './chain.ts';
import { StreamError } from './errors.ts';
import {
  readNote,
  readStateNote,
  withGap,
  writeStateNote,
  type Gap,
  type GapReason,
  type PositionNote,
  type StateNote,
} from './position-note.ts';
import type {
  CommittedByTopic,
  CommittedPosition,
  OffsetToCommit,
  TopicFacts,
  TopicPartition,
  Transport,
} from './transport.ts';

/** The topics of a step. */
export type StepTopics = Pick<Stage, 'step' | 'inputs' | 'changelog' | 'onGap'>;

/** A position in a partition of an input, as a step finds it. */
export interface FoundPosition {
  readonly step: string;
  readonly source: TopicPartition;
  /** Where to read on. */
  readonly start: number;
  readonly end: number;
  /** What belongs to the position from now on, with the gap if there is one. */
  readonly note: PositionNote;
  readonly committed: CommittedPosition | undefined;
  readonly gap: Gap | undefined;
  /** Whether the gap is the step's to leave out. */
  readonly goesOn: boolean;
}

/** What is committed beside the state of a step. */
export interface FoundAnchor {
  readonly group: string;
  readonly offset: OffsetToCommit;
  /** False when this is not what is committed. */
  readonly isCommitted: boolean;
}

export interface FoundPositions {
  /** In the order of the steps and their inputs. */
  readonly positions: readonly FoundPosition[];
  readonly anchors: readonly FoundAnchor[];
}

/** @throws StreamError TOPIC_MISSING, or TOPIC_MISMATCH when the state does not fit the number of partitions */
export async function findPositions(
  steps: readonly StepTopics[],
  partition: number,
  groupOf: (step: string) => string,
  transport: Transport,
): Promise<FoundPositions> {
  const facts = await factsOf(steps, transport);
  const found = await Promise.all(
    steps.map(async (step) => {
      const committed = await committedOf(step, groupOf(step.step), transport);
      const made = partitionsFor(step, committed, facts);
      requireFit(step, partition, made, facts);
      const context = { step, partition, group: groupOf(step.step), made, committed, facts, transport };
      const known = readStateNote(committed.anchors.get(partition)?.note ?? '');
      const isLost = await isPositionLost(context);
      const positions = await Promise.all(
        step.inputs.map(({ topic }) => findOne(topic, known, isLost, context)),
      );
      return { positions, anchors: findAnchor(context) };
    }),
  );
  return {
    positions: found.flatMap(({ positions }) => positions),
    anchors: found.flatMap(({ anchors }) => anchors),
  };
}

/** The group in which an application commits the progress of a step. */
export const groupOfStep = (application: string, step: string): string => `${application}-${step}`;

/** What a step has committed, in all partitions. */
export interface Committed {
  readonly positions: CommittedByTopic;
  readonly anchors: ReadonlyMap<number, CommittedPosition>;
}

/** The group of what is committed beside the state. A group that follows an input should not seem to be behind on a changelog. */
export const stateGroupOf = (group: string): string => `${group}-state`;

export async function committedOf(
  { inputs, changelog }: StepTopics,
  group: string,
  transport: Transport,
): Promise<Committed> {
  // Together: an answer that fails after another one has failed would otherwise end the process.
  const [positions, ofState] = await Promise.all([
    transport.committedPositions(
      group,
      inputs.map(({ topic }) => topic),
    ),
    changelog === undefined ? undefined : transport.committedPositions(stateGroupOf(group), [changelog]),
  ]);
  return { positions, anchors: ofState?.get(changelog ?? '') ?? new Map() };
}

/** The inputs and the changelog of a step. */
const ownTopics = ({ inputs, changelog }: Pick<StepTopics, 'inputs' | 'changelog'>): readonly string[] => [
  ...inputs.map(({ topic }) => topic),
  ...(changelog === undefined ? [] : [changelog]),
];

/** The number of partitions for which the state was made; without any note, the fewest that one of the topics has. */
export function partitionsFor(
  { inputs, changelog }: StepTopics,
  { positions, anchors }: Committed,
  facts: (topic: string) => TopicFacts,
): number {
  const noted = [...anchors.values()].flatMap(({ note }) => readStateNote(note)?.partitions ?? []);
  for (const [topic, ofTopic] of positions)
    for (const { note: text } of ofTopic.values()) {
      const note = readNote(text);
      if (note?.topicId === facts(topic).id) noted.push(note.partitions);
    }
  if (noted.length > 0) return Math.min(...noted);
  return Math.min(...ownTopics({ inputs, changelog }).map((topic) => facts(topic).partitions));
}

/**
 * More partitions move keys to other partitions, where they would meet the state of others, or none. Only if there are a multiple
 * of what there was, an old partition still gets no key that was not there before. Then it can be processed to its end.
 */
function requireFit(
  { step, inputs, changelog }: StepTopics,
  partition: number,
  made: number,
  facts: (topic: string) => TopicFacts,
): void {
  const others = ownTopics({ inputs, changelog }).filter((topic) => facts(topic).partitions !== made);
  const isOld = partition < made && others.every((topic) => facts(topic).partitions % made === 0);
  if (others.length === 0 || isOld) return;
  throw new StreamError(
    'TOPIC_MISMATCH',
    `the state and the positions of ${step} were made for ${made} partitions, but ` +
      `${others.map((topic) => `${topic} has ${facts(topic).partitions}`).join(', ')}: they have to be moved first`,
  );
}

interface Context {
  readonly step: StepTopics;
  readonly partition: number;
  readonly group: string;
  /** Number of partitions for which the state was made. */
  readonly made: number;
  readonly committed: Committed;
  readonly facts: (topic: string) => TopicFacts;
  readonly transport: Transport;
}

function findAnchor({ step, partition, group, made, committed, facts }: Context): readonly FoundAnchor[] {
  const { changelog: topic, inputs } = step;
  if (topic === undefined) return [];
  const note = stateNote(inputs, made, facts);
  const isCommitted = committed.anchors.get(partition)?.note === note;
  return [{ group: stateGroupOf(group), offset: { topic, partition, offset: 0, note }, isCommitted }];
}

/**
 * A state without any position was made by somebody whose positions are gone: they have expired, or the coordinator does not
 * have them at the moment. A step without state begins at the beginning.
 */
async function isPositionLost({ step, partition, committed, transport }: Context): Promise<boolean> {
  const { inputs, changelog } = step;
  const hasPosition = inputs.some(({ topic }) => committed.positions.get(topic)?.has(partition) === true);
  if (hasPosition || changelog === undefined) return false;
  return ((await transport.endOffsets(changelog)).get(partition) ?? 0) > 0;
}

async function findOne(
  topic: string,
  known: StateNote | undefined,
  isLost: boolean,
  { step, partition, made, committed: all, facts, transport }: Context,
): Promise<FoundPosition> {
  const topicId = facts(topic).id;
  const committed = all.positions.get(topic)?.get(partition);
  const beginning = (await transport.beginningOffsets(topic)).get(partition) ?? 0;
  const end = (await transport.endOffsets(topic)).get(partition) ?? 0;
  const changelogId = step.changelog === undefined ? '' : facts(step.changelog).id;
  const { start, gap } = findGap(committed, known?.inputs[topic], {
    topicId,
    changelogId,
    beginning,
    end,
    isLost,
  });
  const note = { topicId, partitions: made, changelogId, gaps: readNote(committed?.note ?? '')?.gaps ?? [] };
  return {
    ...{ step: step.step, source: { topic, partition }, start, end, committed, gap },
    note: gap === undefined ? note : withGap(note, gap),
    goesOn: step.onGap === 'go-on' && gap?.reason !== 'position-lost',
  };
}

/** What is kept beside a state that was made from these inputs, for this number of partitions. */
export const stateNote = (
  inputs: StepTopics['inputs'],
  partitions: number,
  facts: (topic: string) => TopicFacts,
): string =>
  writeStateNote({
    partitions,
    inputs: Object.fromEntries(inputs.map(({ topic }) => [topic, facts(topic).id])),
  });

interface Place {
  readonly topicId: string;
  readonly changelogId: string;
  readonly beginning: number;
  readonly end: number;
  /** There is a state, but no position of any input. */
  readonly isLost: boolean;
}

/** @param knownId id of the topic from which the state was made, if it is known */
function findGap(
  committed: CommittedPosition | undefined,
  knownId: string | undefined,
  { topicId, changelogId, beginning, end, isLost }: Place,
): { readonly start: number; readonly gap: Gap | undefined } {
  const offset = committed?.offset ?? beginning;
  const gap = (reason: GapReason, to: number | undefined): Gap => ({
    reason,
    from: offset,
    to,
    at: Date.now(),
  });
  if (committed === undefined) {
    const isAnother = knownId !== undefined && knownId !== topicId;
    if (isAnother) return { start: beginning, gap: gap('topic-replaced', undefined) };
    return { start: beginning, gap: isLost ? gap('position-lost', undefined) : undefined };
  }
  const note = readNote(committed.note);
  if ((note !== undefined && note.topicId !== topicId) || offset > end)
    return { start: beginning, gap: gap('topic-replaced', undefined) };
  if (note !== undefined && note.changelogId !== changelogId && note.changelogId !== '')
    return { start: Math.max(offset, beginning), gap: gap('state-lost', Math.max(offset, beginning)) };
  if (offset < beginning) return { start: beginning, gap: gap('deleted', beginning) };
  return { start: offset, gap: undefined };
}

/** @throws StreamError TOPIC_MISSING */
export async function factsOf(
  steps: readonly StepTopics[],
  transport: Transport,
): Promise<(topic: string) => TopicFacts> {
  const found = await transport.describeTopics([...new Set(steps.flatMap(ownTopics))]);
  const facts = (topic: string): TopicFacts => {
    const described = found.get(topic);
    if (described === undefined) throw new StreamError('TOPIC_MISSING', `topic ${topic} does not exist`);
    return described;
  };
  return facts;
}
