/** Prepares a task: fences the previous owner of its partition, and restores the states as they were committed. */
import type { BatchSettings } from './batch-processor.ts';
import type { BreakerOptions } from './breaker.ts';
import { linksOf, type Links, type Stage, type StageAtWork, type StageSettings } from './chain.ts';
import { toError } from './errors.ts';
import type { Neighbours, Poison } from './handover.ts';
import type { Observer } from './observer.ts';
import type { QuarantinedSource } from './quarantine.ts';
import { unitOfStep } from './standstill.ts';
import type { Standstills } from './standstills.ts';
import { openInputs, type TaskInput } from './task-input.ts';
import type { TransactionalProducer, Transport } from './transport.ts';

export interface TaskSettings extends BatchSettings {
  readonly maxBatchRecords: number;
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
}

export interface TakeOverContext {
  readonly transport: Transport;
  readonly observer: Observer;
  readonly poison: Poison;
  readonly standstills: Standstills;
  quarantined(step: string, partition: number, source: QuarantinedSource): void;
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
  const { transport, observer, poison, standstills } = context;
  for (const { step } of stages) observer.taskState?.(step, partition, 'restoring');
  const producer = await fence(stages, partition, settings, transport);
  try {
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
