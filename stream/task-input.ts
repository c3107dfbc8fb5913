/** A task's inputs: the fetched records that wait, the committed progress, and the records of the previous step. */
import type { Slice } from './batch-processor.ts';
import type { Links, Stage, StageInput } from './chain.ts';
import { InputBuffer } from './input-buffer.ts';
import type { OffsetToCommit, TopicPartition, Transport } from './transport.ts';

export interface TaskInput {
  /** The index of the step in the chain. */
  readonly stage: number;
  readonly from: string;
  readonly source: TopicPartition;
  readonly role: 'stream' | 'table';
  /** The step's own group, in which its progress is committed. */
  readonly group: string;
  readonly buffer: InputBuffer;
  /** The group's committed offset, as far as this task knows. */
  committed: number;
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

/** Call it only when all other producers that could write or commit for these steps are fenced. */
export async function openInputs(
  stages: readonly Stage[],
  links: Links,
  partition: number,
  groupOf: (step: string) => string,
  transport: Transport,
): Promise<TaskInput[]> {
  const opening = stages.flatMap(({ step, inputs }, index) =>
    inputs.map((input) => open(input, index, input === links[index], partition, groupOf(step), transport)),
  );
  return Promise.all(opening);
}

async function open(
  { from, topic, role }: StageInput,
  stage: number,
  isLink: boolean,
  partition: number,
  group: string,
  transport: Transport,
): Promise<TaskInput> {
  const committed = (await transport.committedOffsets(group, topic)).get(partition);
  const start = committed ?? (await transport.beginningOffsets(topic)).get(partition) ?? 0;
  const end = isLink ? ((await transport.endOffsets(topic)).get(partition) ?? 0) : 0;
  return {
    stage,
    from,
    source: { topic, partition },
    role,
    group,
    buffer: new InputBuffer(start),
    committed: start,
    link: isLink ? new Link(start, end) : undefined,
  };
}

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
  return { ...source, offset };
}
