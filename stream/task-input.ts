/** A task's inputs: what was fetched and waits, how far it is committed, and what comes from the step before. */
import type { Slice } from './batch-processor.ts';
import type { Links, Stage, StageInput } from './chain.ts';
import { InputBuffer } from './input-buffer.ts';
import type { OffsetToCommit, TopicPartition, Transport } from './transport.ts';

export interface TaskInput {
  /** Which step of the chain it belongs to. */
  readonly stage: number;
  readonly from: string;
  readonly source: TopicPartition;
  readonly role: 'stream' | 'table';
  /** The step's own group, in which its progress is committed. */
  readonly group: string;
  readonly buffer: InputBuffer;
  /** What the group's committed offset is, as far as this task knows. */
  committed: number;
  /** Undefined for what is only read. */
  readonly link: Link | undefined;
}

/**
 * The topic between two steps of a chain. What lay there before the task began (written when the steps ran apart, or by
 * somebody else) is read first; from then on the task is the only one to write there, and knows each record's offset.
 */
export class Link {
  readonly #end: number;
  #next: number;
  #isOpen: boolean;

  /** @param start the next step's committed position, and `end` of the partition, now that all others are fenced */
  constructor(start: number, end: number) {
    this.#end = end;
    this.#next = end;
    this.#isOpen = start >= end;
  }

  /** False while there is something to be read first. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Where the next record that is handed on is going to lie. */
  get next(): number {
    return this.#next;
  }

  /** Opens once all has been taken of what lay there; true if it does now. */
  readUpTo({ count, position }: InputBuffer): boolean {
    if (this.#isOpen || count > 0 || position < this.#end) return false;
    this.#next = position;
    this.#isOpen = true;
    return true;
  }

  /** So many records are written behind one another, and the marker that ends their transaction. */
  wrote(records: number): void {
    this.#next += records + 1;
  }
}

/** To be called when all who might write or commit for these steps have been fenced. */
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

/** Takes up to `max` records. */
export function takeFrom(input: TaskInput, max: number, into: Map<TaskInput, Slice>): void {
  const records = max > 0 ? input.buffer.take(max) : [];
  if (records.length > 0) into.set(input, { from: input.from, source: input.source, records });
}

/** Whether an input is read from its topic: not a link, or one with something left there. */
export const isRead = ({ link }: TaskInput): boolean => link?.isOpen !== true;

/** What to commit for an input, if it has moved. */
export function moved(input: TaskInput): OffsetToCommit | undefined {
  const { buffer, link, source } = input;
  const offset = link?.isOpen === true ? link.next : buffer.consumed;
  if (offset <= input.committed) return undefined;
  input.committed = offset;
  return { ...source, offset };
}
