/** Lists the gaps of steps, and lets an operator accept them. A task that stands still at a gap finds out by itself. */
import { findPositions, groupOfStep, type FoundPosition, type StepTopics } from './positions.ts';
import { transactionalId } from './take-over.ts';
import { withGap, writeNote, type Gap } from './position-note.ts';
import type { TopicPartition, Transport } from './transport.ts';

export interface GapOptions {
  readonly transport: Transport;
  /** As for the app that runs the steps. */
  readonly application: string;
  readonly steps: readonly StepTopics[];
}

export interface StepGap {
  readonly step: string;
  readonly source: TopicPartition;
  readonly gap: Gap;
  /** `open`: a step stands still at it, or will leave it out when it runs next. */
  readonly state: 'open' | 'left out';
}

/** @throws StreamError TOPIC_MISSING or TOPIC_MISMATCH */
export async function listGaps({ transport, application, steps }: GapOptions): Promise<readonly StepGap[]> {
  const gaps: StepGap[] = [];
  for (const step of steps)
    for (const { step: name, source, gap, note } of await everyPosition(step, application, transport)) {
      const leftOut = gap === undefined ? note.gaps : note.gaps.slice(0, -1);
      for (const each of leftOut) gaps.push({ step: name, source, gap: each, state: 'left out' });
      if (gap !== undefined) gaps.push({ step: name, source, gap, state: 'open' });
    }
  return gaps;
}

/**
 * Moves the positions of the steps behind their open gaps. The position keeps the decision.
 * @returns what was accepted
 */
export async function acceptGaps({
  transport,
  application,
  steps,
  by,
  why,
}: GapOptions & { readonly by: string; readonly why: string }): Promise<readonly StepGap[]> {
  const accepted: StepGap[] = [];
  for (const step of steps) {
    const open = (await everyPosition(step, application, transport)).filter(({ gap }) => gap !== undefined);
    for (const partition of new Set(open.map(({ source }) => source.partition)))
      accepted.push(...(await acceptIn(step, partition, { transport, application, by, why })));
  }
  return accepted;
}

async function acceptIn(
  step: StepTopics,
  partition: number,
  {
    transport,
    application,
    by,
    why,
  }: Omit<GapOptions, 'steps'> & { readonly by: string; readonly why: string },
): Promise<readonly StepGap[]> {
  const group = groupOf(application)(step.step);
  // From here on, no task of an earlier owner can move the position.
  const producer = await transport.transactionalProducer(transactionalId(step, group, partition));
  try {
    const { positions } = await findPositions([step], partition, groupOf(application), transport);
    const accepted = positions.flatMap(({ source, start, note, gap: open }) => {
      if (open === undefined) return [];
      const gap = { ...open, by, why };
      return [
        { source, start, gap, note: writeNote(withGap({ ...note, gaps: note.gaps.slice(0, -1) }, gap)) },
      ];
    });
    const offsets = accepted.map(({ source, start, note }) => ({ ...source, offset: start, note }));
    if (offsets.length > 0) await producer.transact([], [{ group, offsets }]);
    return accepted.map(({ source, gap }) => ({ step: step.step, source, gap, state: 'left out' }));
  } finally {
    await producer.close();
  }
}

async function everyPosition(
  step: StepTopics,
  application: string,
  transport: Transport,
): Promise<readonly FoundPosition[]> {
  const found: FoundPosition[] = [];
  const topic = step.inputs[0]?.topic ?? '';
  for (let partition = 0; partition < (await transport.partitionCount(topic)); partition++)
    found.push(...(await findPositions([step], partition, groupOf(application), transport)).positions);
  return found;
}

const groupOf =
  (application: string) =>
  (step: string): string =>
    groupOfStep(application, step);
