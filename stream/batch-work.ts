/** The records of one batch while a step processes them. */
import type { Cause, HandedOn } from './handover.ts';
import type { Input, StepRecord } from './step.ts';
import type { ProducerRecord, RawRecord } from './transport.ts';

export interface TakenRecord<In extends Input> extends StepRecord<In>, Cause {
  readonly raw: RawRecord | undefined;
}

/** The results of one batch while it is processed. */
export class BatchWork<In extends Input> {
  readonly out: ProducerRecord[] = [];
  readonly taken: TakenRecord<In>[] = [];
  readonly handOn: HandedOn[] = [];
  /** Records that died while they were read, and the index of the next record that is processed. */
  readonly deaths: { readonly before: number; readonly cause: Cause; readonly raw: RawRecord }[] = [];
  isRead = false;
  records = 0;
  deadLettered = 0;
  oldestTimestamp = Number.POSITIVE_INFINITY;
}

export function countRecord(work: { records: number; oldestTimestamp: number }, timestamp: number): void {
  work.records += 1;
  if (timestamp < work.oldestTimestamp) work.oldestTimestamp = timestamp;
}
