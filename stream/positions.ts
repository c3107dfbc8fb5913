/**
 * Looks at the committed positions of a task before it begins: whether the topics are those in which the offsets count, have
 * as many partitions as the state was made for, and still have the next records.
 */
import type { Stage } from './chain.ts';
import { StreamError, type StreamErrorCode } from './errors.ts';
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
import {
  partitionKey,
  type CommittedPosition,
  type OffsetToCommit,
  type TopicFacts,
  type TopicPartition,
  type Transport,
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

const codes: Readonly<Record<GapReason, StreamErrorCode>> = {
  deleted: 'RECORDS_LOST',
  'topic-replaced': 'TOPIC_REPLACED',
  'state-lost': 'STATE_LOST',
};

/** What a task stands still for until an operator decides. */
export const needsDecision: ReadonlySet<StreamErrorCode> = new Set([
  ...Object.values(codes),
  'TOPIC_MISMATCH',
]);

/** A task has stopped at a gap. */
export class StoppedAtGap extends StreamError {
  readonly step: string;
  readonly source: TopicPartition;
  readonly gap: Gap;

  constructor(step: string, source: TopicPartition, gap: Gap) {
    super(codes[gap.reason], `${describeGap(step, source, gap)}; it stands still until the gap is accepted`);
    this.step = step;
    this.source = source;
    this.gap = gap;
  }
}

export function describeGap(step: string, source: TopicPartition, { reason, from, to }: Gap): string {
  const place = partitionKey(source);
  switch (reason) {
    case 'deleted':
      return `${step} has not processed offsets ${from} to ${(to ?? from) - 1} of ${place}, and the topic no longer has them`;
    case 'topic-replaced':
      return `${step} has processed ${place}, but the topic was made anew or has lost records since`;
    case 'state-lost':
      return `${step} has processed ${place} up to offset ${from}, but the changelog with the state of that was made anew`;
  }
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

/** @throws StreamError TOPIC_MISSING, or TOPIC_MISMATCH when the numbers of partitions do not fit */
export async function findPositions(
  steps: readonly StepTopics[],
  partition: number,
  groupOf: (step: string) => string,
  transport: Transport,
): Promise<FoundPositions> {
  const facts = await factsOf(steps, transport);
  const found = await Promise.all(
    steps.map(async (step) => {
      const context = { step, partition, group: groupOf(step.step), facts, transport };
      const anchor = await findAnchor(context);
      const known = readStateNote(anchor?.committed?.note ?? '');
      if (known !== undefined) requireCount(step.step, known.partitions, step.inputs[0]?.topic ?? '', facts);
      const positions = await Promise.all(step.inputs.map(({ topic }) => findOne(topic, known, context)));
      return { positions, anchors: anchor?.found ?? [] };
    }),
  );
  return {
    positions: found.flatMap(({ positions }) => positions),
    anchors: found.flatMap(({ anchors }) => anchors),
  };
}

interface Context {
  readonly step: StepTopics;
  readonly partition: number;
  readonly group: string;
  readonly facts: (topic: string) => TopicFacts;
  readonly transport: Transport;
}

/**
 * It has a group of its own, because a group that follows an input should not seem to be behind on a changelog. Undefined for a
 * step without state.
 */
async function findAnchor({
  step,
  partition,
  group: ofStep,
  facts,
  transport,
}: Context): Promise<
  { readonly committed: CommittedPosition | undefined; readonly found: readonly FoundAnchor[] } | undefined
> {
  const { changelog: topic, inputs } = step;
  if (topic === undefined) return undefined;
  const group = `${ofStep}-state`;
  const committed = (await transport.committedPositions(group, topic)).get(partition);
  const note = writeStateNote({
    partitions: facts(topic).partitions,
    inputs: Object.fromEntries(inputs.map((input) => [input.topic, facts(input.topic).id])),
  });
  const offset = { topic, partition, offset: 0, note };
  return { committed, found: [{ group, offset, isCommitted: committed?.note === note }] };
}

async function findOne(
  topic: string,
  known: StateNote | undefined,
  { step, partition, group, facts, transport }: Context,
): Promise<FoundPosition> {
  const { id: topicId, partitions } = facts(topic);
  const all = await transport.committedPositions(group, topic);
  for (const { note: text } of all.values()) {
    const note = readNote(text);
    if (note?.topicId === topicId) requireCount(step.step, note.partitions, topic, facts);
  }
  const committed = all.get(partition);
  const beginning = (await transport.beginningOffsets(topic)).get(partition) ?? 0;
  const end = (await transport.endOffsets(topic)).get(partition) ?? 0;
  const changelogId = step.changelog === undefined ? '' : facts(step.changelog).id;
  const { start, gap } = findGap(committed, known?.inputs[topic], { topicId, changelogId, beginning, end });
  const note = { topicId, partitions, changelogId, gaps: readNote(committed?.note ?? '')?.gaps ?? [] };
  return {
    ...{ step: step.step, source: { topic, partition }, start, end, committed, gap },
    note: gap === undefined ? note : withGap(note, gap),
    goesOn: step.onGap === 'go-on',
  };
}

interface Place {
  readonly topicId: string;
  readonly changelogId: string;
  readonly beginning: number;
  readonly end: number;
}

/** @param knownId id of the topic from which the state was made, if it is known */
function findGap(
  committed: CommittedPosition | undefined,
  knownId: string | undefined,
  { topicId, changelogId, beginning, end }: Place,
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
    return { start: beginning, gap: isAnother ? gap('topic-replaced', undefined) : undefined };
  }
  const note = readNote(committed.note);
  if ((note !== undefined && note.topicId !== topicId) || offset > end)
    return { start: beginning, gap: gap('topic-replaced', undefined) };
  if (note !== undefined && note.changelogId !== changelogId && note.changelogId !== '')
    return { start: Math.max(offset, beginning), gap: gap('state-lost', Math.max(offset, beginning)) };
  if (offset < beginning) return { start: beginning, gap: gap('deleted', beginning) };
  return { start: offset, gap: undefined };
}

async function factsOf(
  steps: readonly StepTopics[],
  transport: Transport,
): Promise<(topic: string) => TopicFacts> {
  const topics = steps.flatMap(({ inputs, changelog }) => [
    ...inputs.map(({ topic }) => topic),
    ...(changelog === undefined ? [] : [changelog]),
  ]);
  const found = await transport.describeTopics([...new Set(topics)]);
  const facts = (topic: string): TopicFacts => {
    const described = found.get(topic);
    if (described === undefined) throw new StreamError('TOPIC_MISSING', `topic ${topic} does not exist`);
    return described;
  };
  const counts = new Set(topics.map((topic) => facts(topic).partitions));
  if (counts.size > 1)
    throw new StreamError(
      'TOPIC_MISMATCH',
      `the topics of ${steps.map(({ step }) => step).join(' → ')} must have the same number of partitions, but ` +
        [...new Set(topics)].map((topic) => `${topic} has ${facts(topic).partitions}`).join(', '),
    );
  return facts;
}

/** Keys would meet the state of others, or none: more partitions move keys to other partitions. */
function requireCount(step: string, made: number, topic: string, facts: (topic: string) => TopicFacts): void {
  const { partitions } = facts(topic);
  if (made === partitions) return;
  throw new StreamError(
    'TOPIC_MISMATCH',
    `the state and the positions of ${step} were made for ${made} partitions, but ${topic} has ${partitions}: ` +
      'they have to be moved first',
  );
}
