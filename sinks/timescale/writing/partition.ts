/** A partition that the sink has claimed: its fetched records, and its position. */
import {
  Breaker,
  type Codec,
  InputBuffer,
  type RawRecord,
  type TopicPartition,
} from '../../../stream/index.ts';
import type { ValueOf } from '../../../schemas/values.ts';
import type { Row, Table } from '../columns/define-table.ts';
import { laneOf, type Lane } from './lanes.ts';
import { RefusalLimit, type Fated } from './refusal-limit.ts';
import type { StoredTopic } from '../../../schemas/catalogue.ts';
import { tables } from '../tables/tables.ts';

/** A topic, its table, and the functions from values to rows. */
export interface Binding {
  readonly topic: string;
  readonly table: Table;
  readonly lane: Lane;
  /** Fetches the schemas that decoding needs; undefined when it needs none. */
  prepare(values: readonly Buffer[]): Promise<void> | undefined;
  /** @throws Error when the value cannot be decoded */
  rows(value: Buffer, publishedAt: number): readonly Row[];
}

/** @param name the topic's name on the broker */
export function bind<T extends StoredTopic>(topic: T, name: string, codec: Codec<ValueOf<T>>): Binding {
  const table = tables[topic];
  return {
    topic: name,
    table,
    lane: laneOf(topic),
    prepare: (values) => codec.prepare?.(values),
    rows: (value, publishedAt) => table.rows(codec.decode(value), publishedAt),
  };
}

/** A partition is paused when this much of it waits in memory. */
const full = { records: 5_000, bytes: 4 * 1024 * 1024 };

export class SinkPartition {
  readonly source: TopicPartition;
  readonly binding: Binding;
  readonly epoch: number;
  readonly #refusals = new RefusalLimit();
  /** Counts each record when it is decoded, so that a burst of junk is not read to its end. */
  readonly #decoded = new Breaker();
  /** An operator has said that records before this offset do not count for the breaker. */
  readonly allowedUntil: number;
  readonly buffer: InputBuffer;
  /** `next_offset` in the database. */
  stored: number;
  /** The next offset to take for storing. */
  taken: number;
  /** False once another group member has the partition. Its remaining records are then dropped here. */
  owned = true;
  /** Why the partition is halted; undefined while no breaker of it has tripped. */
  halted: string | undefined;
  paused = false;
  readonly #fetchFrom: number;

  /** @param fetchFrom the first offset to fetch: the stored position, or later when the topic no longer has that offset */
  constructor(
    source: TopicPartition,
    binding: Binding,
    epoch: number,
    stored: number,
    fetchFrom: number,
    allowedUntil = 0,
  ) {
    this.source = source;
    this.binding = binding;
    this.epoch = epoch;
    this.stored = stored;
    this.allowedUntil = allowedUntil;
    this.taken = stored;
    this.#fetchFrom = fetchFrom;
    this.buffer = new InputBuffer(fetchFrom);
  }

  /** Counts a record that was decoded, or could not be. @returns whether this halts the partition */
  haltsOnDecoded({ offset, key, producerId }: RawRecord, fault: string | undefined): boolean {
    if (offset < this.allowedUntil) return false;
    if (!this.#decoded.count(fault !== undefined, key?.toString() ?? '', producerId)) return false;
    this.halted = `${this.#decoded.describe()} could not be stored, because they cannot be decoded; the last: ${fault ?? ''}`;
    return true;
  }

  /**
   * Judges records before the refused ones become dead letters.
   * @returns whether this halts the partition: then nothing of them may be written
   */
  haltsOnRefused(records: readonly Fated[], lastFault: string): boolean {
    const tooMany = this.#refusals.exceededBy(records.filter((each) => this.#counts(each)));
    if (tooMany === undefined) return false;
    this.halted = `${tooMany} could not be stored, and are kept on the topic; the last: ${lastFault}`;
    return true;
  }

  /** Counts records that are stored or have become dead letters. */
  countFates(records: readonly Fated[]): void {
    this.#refusals.count(records.filter((each) => this.#counts(each)));
  }

  /** The keys and producers whose records the limit of refusals has stopped counting. */
  get quarantined(): RefusalLimit['quarantined'] {
    return this.#refusals.quarantined;
  }

  #counts({ record: { offset } }: Fated): boolean {
    return offset >= this.allowedUntil;
  }

  push(records: readonly RawRecord[], position: number): void {
    if (this.halted === undefined) this.buffer.push(records, position);
  }

  get active(): boolean {
    return this.owned && this.halted === undefined;
  }

  /** Whether there are records to take, or a position to move. */
  get behind(): boolean {
    const { position } = this.buffer;
    return this.active && position > this.#fetchFrom && position !== this.taken;
  }

  get isFull(): boolean {
    return this.buffer.count >= full.records || this.buffer.bytes >= full.bytes;
  }

  get hasRoom(): boolean {
    return this.buffer.count < full.records / 2 && this.buffer.bytes < full.bytes / 2;
  }
}
