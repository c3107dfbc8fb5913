/** A group member in memory. It passes assignments and records to its listener, one call after another. */
import { StreamError, toError } from '../errors.ts';
import type { Edition } from '../edition.ts';
import type { ConsumeOptions, GroupListener, StartOffset, TopicPartition } from '../transport.ts';
import { partitionKey } from '../transport.ts';
import type { MemoryBroker } from './broker.ts';

const fetchSize = 500;

interface Reading {
  readonly source: TopicPartition;
  readonly topicId: string | undefined;
  position: number;
  paused: boolean;
  readonly unwatch: () => void;
}

export class MemoryMember {
  readonly topics: readonly string[];
  readonly edition: Edition | undefined;
  readonly #broker: MemoryBroker;
  readonly #listener: GroupListener;
  readonly #reading = new Map<string, Reading>();
  #turn: Promise<void> = Promise.resolve();
  #scheduled = false;
  #closed = false;

  constructor(broker: MemoryBroker, { topics, edition, listener }: ConsumeOptions) {
    this.#broker = broker;
    this.topics = topics;
    this.edition = edition;
    this.#listener = listener;
  }

  /** @param before the edition for which it waits, when it gets no partitions */
  assign(partitions: readonly TopicPartition[], before: Edition | undefined): void {
    this.#inTurn(async () => {
      const wanted = new Set(partitions.map(partitionKey));
      for (const [key, { unwatch }] of this.#reading) {
        if (wanted.has(key)) continue;
        unwatch();
        this.#reading.delete(key);
      }
      const starts = await this.#listener.assigned(partitions);
      for (const start of starts) this.#startReading(start);
      if (before !== undefined) this.#listener.waits?.(before);
      this.#schedule();
    });
  }

  setPaused(partitions: readonly TopicPartition[], paused: boolean): void {
    for (const source of partitions) {
      const reading = this.#reading.get(partitionKey(source));
      if (reading !== undefined) reading.paused = paused;
    }
    if (!paused) this.#schedule();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { unwatch } of this.#reading.values()) unwatch();
    this.#reading.clear();
    await this.#turn;
  }

  #startReading({ topic, partition, offset: position, topicId: given }: StartOffset): void {
    const source = { topic, partition };
    this.#reading.get(partitionKey(source))?.unwatch();
    const unwatch = this.#broker.log(source).watch(() => {
      this.#schedule();
    });
    const topicId = given ?? this.#broker.describe(topic)?.id;
    this.#reading.set(partitionKey(source), { source, topicId, position, paused: false, unwatch });
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#inTurn(() => {
        this.#deliver();
      });
    });
  }

  #deliver(): void {
    let more = false;
    for (const reading of this.#reading.values()) {
      if (reading.paused) continue;
      const { topic } = reading.source;
      if (this.#broker.describe(topic)?.id !== reading.topicId)
        throw new StreamError('TOPIC_REPLACED', `${topic} was deleted, and perhaps made anew`);
      const { beginning } = this.#broker.log(reading.source);
      if (beginning > reading.position) {
        const from = reading.position;
        reading.position = beginning;
        this.#listener.gap(reading.source, from, beginning);
        more = true;
        continue;
      }
      const { records, position } = this.#broker.log(reading.source).read(reading.position, fetchSize);
      if (position === reading.position) continue;
      reading.position = position;
      more = true;
      this.#listener.records(reading.source, records, position);
    }
    if (more) this.#schedule();
  }

  #inTurn(work: () => Promise<void> | void): void {
    this.#turn = this.#turn
      .then(() => (this.#closed ? undefined : work()))
      .catch((error: unknown) => {
        if (!this.#closed) this.#listener.lost(toError(error));
      });
  }
}
