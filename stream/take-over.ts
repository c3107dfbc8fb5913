/** Before a task begins: whoever had its partition is fenced, and its states are as they were committed. */
import type { BatchSettings } from './batch-processor.ts';
import type { BreakerOptions } from './breaker.ts';
import { linksOf, type Links, type Stage, type StageAtWork } from './chain.ts';
import { toError } from './errors.ts';
import type { Neighbours, Poison } from './handover.ts';
import type { Observer } from './observer.ts';
import { openInputs, type TaskInput } from './task-input.ts';
import type { TransactionalProducer, Transport } from './transport.ts';

export interface TaskSettings extends BatchSettings {
  readonly maxBatchRecords: number;
  readonly commitInterval: number;
  /** So much in a buffer is as pressing as a full batch: soon fetching would pause. */
  readonly pressingBytes: number;
  readonly breaker: BreakerOptions;
  /** A step's consumer group: its progress is committed there, whether it runs by itself or in a chain. */
  readonly groupOf: (step: string) => string;
}

/** All that a task works with. */
export interface TakenOver {
  readonly producer: TransactionalProducer;
  readonly atWork: readonly StageAtWork[];
  readonly inputs: readonly TaskInput[];
}

export interface TakeOverContext {
  readonly transport: Transport;
  readonly observer: Observer;
  readonly poison: Poison;
}

/**
 * Fences the predecessors, then restores the states and reads the committed offsets, in this order, so that nothing of a
 * predecessor can be committed after they were read.
 */
export async function takeOver(
  stages: readonly Stage[],
  partition: number,
  settings: TaskSettings,
  { transport, observer, poison }: TakeOverContext,
): Promise<TakenOver> {
  for (const { step } of stages) observer.taskState?.(step, partition, 'restoring');
  const producer = await fence(stages, partition, settings, transport);
  try {
    const links = linksOf(stages);
    const atWork = stages.map((stage, index) =>
      stage.open(partition, { ...settings, observer, poison }, neighbours(links, index, partition)),
    );
    for (const [index, each] of atWork.entries()) {
      const began = performance.now();
      const { keys, bytes } = await each.restore(transport);
      const step = stages[index]?.step ?? '';
      observer.restored?.(step, partition, keys, bytes, performance.now() - began);
    }
    const inputs = await openInputs(stages, links, partition, settings.groupOf, transport);
    return { producer, atWork, inputs };
  } catch (error) {
    await producer.close();
    throw error;
  }
}

function neighbours(links: Links, index: number, partition: number): Neighbours {
  const handover = (link: Links[number]) =>
    link && { from: link.from, source: { topic: link.topic, partition } };
  return { before: handover(links[index]), after: handover(links[index + 1]) };
}

/**
 * Makes the task's producer, which fences whoever had its transactional id. A chain fences all who might run one of its
 * steps by itself, and goes by the last step's id: the first step's group tells who has the partition, and whoever still
 * runs the last step by itself and this task fence each other until one of them is stopped.
 */
async function fence(
  stages: readonly Stage[],
  partition: number,
  { groupOf }: TaskSettings,
  transport: Transport,
): Promise<TransactionalProducer> {
  const made = await Promise.allSettled(
    stages.map(({ step, inputs }) => {
      const main = inputs.find(({ role }) => role === 'stream') ?? inputs[0];
      return transport.transactionalProducer(`${groupOf(step)}-${main?.topic ?? ''}-${partition}`);
    }),
  );
  const producers = made.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = made.find((each) => each.status === 'rejected');
  const last = failed === undefined ? producers.pop() : undefined;
  await Promise.all(producers.map((producer) => producer.close()));
  if (last !== undefined) return last;
  throw toError(failed?.reason ?? 'there is no step');
}
