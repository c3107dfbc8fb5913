/** What a task stands still for until an operator decides, in words. */
import { StreamError, type StreamErrorCode } from './errors.ts';
import type { Gap, GapReason } from './position-note.ts';
import { partitionKey, type TopicPartition } from './transport.ts';

const codes: Readonly<Record<GapReason, StreamErrorCode>> = {
  deleted: 'RECORDS_LOST',
  'topic-replaced': 'TOPIC_REPLACED',
  'state-lost': 'STATE_LOST',
  'position-lost': 'POSITION_LOST',
};

/** What a task stands still for until an operator decides. */
export const needsDecision: ReadonlySet<StreamErrorCode> = new Set([
  ...Object.values(codes),
  'TOPIC_MISMATCH',
  'STATE_UNREADABLE',
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
    case 'position-lost':
      return `${step} has a state from ${place}, but Kafka has no position for it, so ${step} would process everything from offset ${from} again`;
  }
}
