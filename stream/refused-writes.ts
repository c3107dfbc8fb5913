/**
 * What a task does when the broker refuses a transaction because of what is in it: a record is larger than its topic accepts,
 * or invalid in another way. Trying the same again would fail for ever. So the task is rebuilt and processes one record at a
 * time. The record that is refused alone becomes a dead letter. If that is refused too, the task stands still.
 */
import type { Slice } from './batch-processor.ts';
import { BreakerOpen } from './breaker.ts';
import { StreamError, isRefused, isTooLarge, messageOf, toError } from './errors.ts';
import { poisonKey, type Poison } from './handover.ts';
import { smallerLetter } from './letter-size.ts';
import type { StreamLog } from './observer.ts';
import type { TaskSettings } from './take-over.ts';
import type { TaskInput } from './task-input.ts';
import type { ProducerRecord } from './transport.ts';

/** The records that a round was made of. */
export interface Reads {
  readonly records: number;
  /** Undefined when there were several. */
  readonly only: { readonly step: string; readonly topic: string; readonly poison: string } | undefined;
}

export function readsOf(slices: ReadonlyMap<TaskInput, Slice>): Reads {
  let records = 0;
  for (const slice of slices.values()) records += slice.records.length;
  for (const [{ step }, { source, records: read }] of slices) {
    const [first] = read;
    if (records !== 1 || first === undefined) continue;
    const poison = `${step} ${poisonKey({ ...source, offset: first.offset, handedOn: undefined })}`;
    return { records, only: { step, topic: source.topic, poison } };
  }
  return { records, only: undefined };
}

/** The broker has refused the results of these records. */
export class WriteRefused extends StreamError {
  readonly reads: Reads;
  /** Among the results was a dead letter. */
  readonly hadLetter: boolean;

  constructor(reads: Reads, hadLetter: boolean, cause: unknown) {
    super('TRANSACTION_ABORTED', `the broker refuses what the task writes: ${messageOf(cause)}`, { cause });
    this.reads = reads;
    this.hadLetter = hadLetter;
  }
}

/** @returns the failure of a round, as a `WriteRefused` if the broker has refused its content */
export function roundFailure(
  reads: Reads,
  out: readonly ProducerRecord[],
  deadLetterTopic: string,
  error: unknown,
): Error {
  if (!isRefused(error)) return toError(error);
  const hadLetter = out.some(({ topic }) => topic === deadLetterTopic);
  return new WriteRefused(reads, hadLetter, error);
}

/** Chooses what a round reads. While records are to be processed alone, it is one record of one input; tables come first. */
export function choose(
  readable: readonly TaskInput[],
  alone: number,
  most: number,
): { readonly inputs: readonly TaskInput[]; readonly most: number } {
  return alone > 0 ? { inputs: oneInput(readable), most: 1 } : { inputs: readable, most };
}

function oneInput(readable: readonly TaskInput[]): readonly TaskInput[] {
  const tables = readable.filter(({ role }) => role === 'table');
  const table = tables.find(({ buffer }) => buffer.count > 0);
  if (table !== undefined) return [table];
  const stream = readable.find(({ role, buffer }) => role === 'stream' && buffer.count > 0);
  return stream === undefined ? readable : [...tables, stream];
}

/** What the tasks of an app have to do about refused writes when they are rebuilt. */
export class Refusals {
  readonly #poison: Poison;
  readonly #log: StreamLog;
  /** By partition: number of records to process one at a time. */
  readonly #alone = new Map<number, number>();
  #maxDeadLetterBytes: number | undefined;

  constructor(poison: Poison, log: StreamLog, maxDeadLetterBytes: number | undefined) {
    this.#poison = poison;
    this.#log = log;
    this.#maxDeadLetterBytes = maxDeadLetterBytes;
  }

  settingsOf(partition: number, settings: TaskSettings): TaskSettings {
    const alone = this.#alone.get(partition) ?? 0;
    this.#alone.delete(partition);
    return { ...settings, alone, maxDeadLetterBytes: this.#maxDeadLetterBytes };
  }

  /**
   * Finds the record whose results the broker refuses, and makes a dead letter of it.
   * @returns why the task stands still when nothing more can be done; otherwise undefined
   */
  isolate(partition: number, error: WriteRefused, fields: object): BreakerOpen | undefined {
    const { reads, hadLetter } = error;
    this.#alone.set(partition, reads.records);
    if (reads.only === undefined) {
      this.#log.warn(fields, 'the broker refused a record; the batch is repeated one record at a time');
      return undefined;
    }
    if (isTooLarge(error) && hadLetter && this.#cutSmallerLetters(fields)) return undefined;
    const { step, topic, poison } = reads.only;
    if (hadLetter || this.#poison.has(poison)) {
      this.#log.error(fields, 'the broker refuses even the dead letter; this task stands still');
      return new BreakerOpen(step, topic, error.message);
    }
    this.#poison.set(poison, error.message);
    this.#log.error(fields, 'the broker refuses the results of a record; the record becomes a dead letter');
    return undefined;
  }

  /** The dead-letter topic may accept less than the settings say. Then smaller letters let the task go on. */
  #cutSmallerLetters(fields: object): boolean {
    const smaller = smallerLetter(this.#maxDeadLetterBytes);
    if (smaller === undefined) return false;
    this.#maxDeadLetterBytes = smaller;
    this.#log.warn(
      { ...fields, maxDeadLetterBytes: smaller },
      'the broker refused a record because of its size; dead letters are cut to fewer bytes from now on',
    );
    return true;
  }
}
