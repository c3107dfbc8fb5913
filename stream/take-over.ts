/** Prepares a task: fences the previous owner of its partition, looks at its positions, and restores the states. */
import type { BatchSettings } from './batch-processor.ts';
import type { BreakerOptions } from './breaker.ts';
import { linksOf, type Links, type Stage, type StageAtWork, type StageSettings } from './chain.ts';
import { StreamError, toError } from './errors.ts';
import type { Neighbours, Poison } from './handover.ts';
import type { Observer } from './observer.ts';
import type { Gap } from './position-note.ts';
import { findPositions, type FoundAnchor, type FoundPosition } from './positions.ts';
import { StoppedAtGap } from './stopped-at-gap.ts';
import type { QuarantinedSource } from './quarantine.ts';
import { unitOfStep } from './standstill.ts';
import type { Standstills } from './standstills.ts';
import { makeInputs, type TaskInput } from './task-input.ts';
import type { OffsetToCommit, TopicPartition, TransactionalProducer, Transport } from './transport.ts';

export interface TaskSettings extends BatchSettings {
  readonly maxBatchRecords: number;
  /** Number of records to process one at a time first, because the broker refused the results of one of them; default 0. */
  readonly alone?: number;
  readonly commitInterval: number;
  /** A buffer with this number of bytes counts as a full batch, because fetching would soon pause. */
  readonly pressingBytes: number;
  readonly breaker: BreakerOptions;
  /** The consumer group in which a step's progress is committed, in a chain or separately. */
  readonly groupOf: (step: string) => string;
}

/** Everything that a task works with. */
export interface TakenOver {
  readonly producer: TransactionalProducer;
  readonly atWork: readonly StageAtWork[];
  readonly inputs: readonly TaskInput[];
  /** What is committed beside the states. */
  readonly anchors: readonly FoundAnchor[];
}

export interface TakeOverContext {
  readonly transport: Transport;
  readonly observer: Observer;
  readonly poison: Poison;
  readonly standstills: Standstills;
  quarantined(step: string, partition: number, source: QuarantinedSource): void;
  /** Records are left out that no longer exist. */
  readonly onGap: (step: string, source: TopicPartition, gap: Gap) => void;
}

/**
 * Fences the previous owners, then restores the states and reads the committed offsets. The order matters: after the
 * offsets are read, a previous owner can no longer commit.
 */
export async function takeOver(
  stages: readonly Stage[],
  partition: number,
  settings: TaskSettings,
  context: TakeOverContext,
): Promise<TakenOver> {
  const { transport, observer, poison, standstills, onGap } = context;
  for (const { step } of stages) observer.taskState?.(step, partition, 'restoring');
  const producer = await fence(stages, partition, settings, transport);
  try {
    const { positions, anchors } = await findPositions(stages, partition, settings.groupOf, transport);
    for (const { step, source, gap, goesOn } of positions) {
      if (gap === undefined) continue;
      if (!goesOn) throw new StoppedAtGap(step, source, gap);
      onGap(step, source, gap);
    }
    const links = linksOf(stages);
    const atWork = stages.map((stage, index) => {
      const allowance = standstills.allowance(unitOfStep(stage.step, partition));
      const own: StageSettings = {
        ...{ ...settings, observer, poison, allowance },
        onQuarantine: (...quarantine) => {
          context.quarantined(...quarantine);
        },
      };
      return stage.open(partition, own, neighbours(links, index, partition));
    });
    for (const [index, each] of atWork.entries()) {
      const began = performance.now();
      const { keys, bytes } = await each.restore(transport);
      const step = stages[index]?.step ?? '';
      observer.restored?.(step, partition, keys, bytes, performance.now() - began);
    }
    const inputs = makeInputs(stages, links, settings.groupOf, positions);
    await anchor(producer, inputs, positions, anchors);
    return { producer, atWork, inputs, anchors };
  } catch (error) {
    await producer.close();
    throw error;
  }
}

/**
 * Commits positions that are new, or whose note is: a position that is never moved because no records come must also say in
 * which topic it counts, and for how many partitions the state was made.
 */
async function anchor(
  producer: TransactionalProducer,
  inputs: readonly TaskInput[],
  positions: readonly FoundPosition[],
  anchors: readonly FoundAnchor[],
): Promise<void> {
  const commits = new Map<string, OffsetToCommit[]>();
  const add = (group: string, offset: OffsetToCommit): void => {
    commits.set(group, [...(commits.get(group) ?? []), offset]);
  };
  for (const [index, { group, source, committed: offset, noteText: note }] of inputs.entries())
    if (positions[index]?.committed?.note !== note) add(group, { ...source, offset, note });
  for (const { group, offset, isCommitted } of anchors) if (!isCommitted) add(group, offset);
  if (commits.size === 0) return;
  try {
    await producer.transact(
      [],
      [...commits].map(([group, offsets]) => ({ group, offsets })),
    );
  } catch (error) {
    // Another member has the partition already. The group is about to say so; if not, the first commit does.
    if (!(error instanceof StreamError && error.code === 'FENCED')) throw error;
  }
}

function neighbours(links: Links, index: number, partition: number): Neighbours {
  const handover = (link: Links[number]) =>
    link && { from: link.from, source: { topic: link.topic, partition } };
  return { before: handover(links[index]), after: handover(links[index + 1]) };
}

/** It belongs to a step and a partition. So whoever opens it next fences the owner before. */
export function transactionalId({ inputs }: Pick<Stage, 'inputs'>, group: string, partition: number): string {
  const main = inputs.find(({ role }) => role === 'stream') ?? inputs[0];
  return `${group}-${main?.topic ?? ''}-${partition}`;
}

/**
 * Creates the task's producer, which fences the previous owner of its transactional id. A chain fences the owners of all of
 * its steps and then uses the last step's id. The first step's group decides which member has the partition. A member that
 * runs the last step separately and this task fence each other until an operator stops one of them.
 */
async function fence(
  stages: readonly Stage[],
  partition: number,
  { groupOf }: TaskSettings,
  transport: Transport,
): Promise<TransactionalProducer> {
  const made = await Promise.allSettled(
    stages.map((stage) =>
      transport.transactionalProducer(transactionalId(stage, groupOf(stage.step), partition)),
    ),
  );
  const producers = made.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = made.find((each) => each.status === 'rejected');
  const last = failed === undefined ? producers.pop() : undefined;
  await Promise.all(producers.map((producer) => producer.close()));
  if (last !== undefined) return last;
  throw toError(failed?.reason ?? 'there is no step');
}
