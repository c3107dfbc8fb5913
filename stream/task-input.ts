/** A task's inputs: the fetched records that wait, the committed progress, and the records of the previous step. */
import type { Slice } from './batch-processor.ts';
import type { Links, Stage } from './chain.ts';
import { InputBuffer } from './input-buffer.ts';
import { withGap, writeNote, type Gap, type PositionNote } from './position-note.ts';
import type { FoundPosition } from './positions.ts';
import type { OnGap } from './step.ts';
import type { GroupOffsets, OffsetToCommit, TopicPartition } from './transport.ts';

export interface TaskInput {
  /** The index of the step in the chain. */
  readonly stage: number;
  readonly step: string;
  readonly from: string;
  readonly source: TopicPartition;
  readonly role: 'stream' | 'table';
  /** The step's own group, in which its progress is committed. */
  readonly group: string;
  readonly buffer: InputBuffer;
  /** The group's committed offset, as far as this task knows. */
  committed: number;
  /** The offset of the last transaction that is complete. */
  confirmed: number;
  readonly onGap: OnGap;
  /** Is committed with the offset, as text. */
  note: PositionNote;
  noteText: string;
  /** Records that no longer exist and at which the task has to stop. */
  lost: Gap | undefined;
  /** Undefined for an input that the task only reads. */
  readonly link: Link | undefined;
}

/**
 * The topic between two steps of a chain. Records that were there before the task began (written by separate steps or by
 * another producer) are read first. From then on only the task writes there, and it knows each record's offset.
 */
export class Link {
  readonly #end: number;
  #next: number;
  #isOpen: boolean;

  /** @param start the next step's committed offset, and `end` of the partition, after all other producers are fenced */
  constructor(start: number, end: number) {
    this.#end = end;
    this.#next = end;
    this.#isOpen = start >= end;
  }

  /** False while there are records to be read first. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The offset that the next record handed on will get. */
  get next(): number {
    return this.#next;
  }

  /** Opens the link once all earlier records are taken. Returns true if this call opened it. */
  readUpTo({ count, position }: InputBuffer): boolean {
    if (this.#isOpen || count > 0 || position < this.#end) return false;
    this.#next = position;
    this.#isOpen = true;
    return true;
  }

  /** Adds the offsets of these consecutive records, and of the marker that ends their transaction. */
  wrote(records: number): void {
    this.#next += records + 1;
  }
}

/** Makes the inputs from the positions that were found when all other producers for these steps were fenced. */
export function makeInputs(
  stages: readonly Stage[],
  links: Links,
  groupOf: (step: string) => string,
  positions: readonly FoundPosition[],
): TaskInput[] {
  const next = positions.values();
  return stages.flatMap(({ step, inputs, onGap }, stage) =>
    inputs.map((input): TaskInput => {
      const { value: found } = next.next();
      if (found === undefined) throw new Error(`no position was found for ${step} in ${input.topic}`);
      const { source, start, end, note } = found;
      return {
        ...{ stage, step, from: input.from, source, role: input.role, group: groupOf(step), onGap },
        buffer: new InputBuffer(start),
        committed: start,
        confirmed: start,
        note,
        noteText: writeNote(note),
        lost: undefined,
        link: input === links[stage] ? new Link(start, end) : undefined,
      };
    }),
  );
}

/** Leaves records out: reading goes on after them, and the next commit says so. */
export function leaveOut(input: TaskInput, gap: Gap): void {
  input.note = withGap(input.note, gap);
  input.noteText = writeNote(input.note);
  if (gap.to !== undefined) input.buffer.push([], gap.to);
}

/** Whether everything before the records that are lost has been taken. */
export const isAtGap = ({ lost, buffer }: TaskInput): boolean => lost !== undefined && buffer.count === 0;

/** Takes up to `max` records of the input. */
export function takeFrom(input: TaskInput, max: number, into: Map<TaskInput, Slice>): void {
  const records = max > 0 ? input.buffer.take(max) : [];
  if (records.length > 0) into.set(input, { from: input.from, source: input.source, records });
}

/** Returns whether an input is read from its topic: it is not a link, or the link still has records to be read. */
export const isRead = ({ link }: TaskInput): boolean => link?.isOpen !== true;

/** Returns the offset to commit for an input; undefined when it has not moved. */
export function moved(input: TaskInput): OffsetToCommit | undefined {
  const { buffer, link, source } = input;
  const offset = link?.isOpen === true ? link.next : buffer.consumed;
  if (offset <= input.committed) return undefined;
  input.committed = offset;
  return { ...source, offset, note: input.noteText };
}

/** Notes the offsets of a transaction that is complete. */
export function confirm(inputs: readonly TaskInput[], commits: readonly GroupOffsets[]): void {
  for (const input of inputs) {
    const { offsets } = commits.find(({ group }) => group === input.group) ?? { offsets: [] };
    const offset = offsets.find(({ topic }) => topic === input.source.topic)?.offset;
    if (offset !== undefined) input.confirmed = offset;
  }
}
