/** The transport over a broker in memory. */
import { StreamError } from '../errors.ts';
import type {
  CommittedByTopic,
  CommittedPosition,
  ConsumeOptions,
  Consumption,
  OffsetRange,
  Producer,
  TopicFacts,
  TopicPartition,
  TransactionalProducer,
  Transport,
} from '../transport.ts';
import type { RawRecord } from '../transport.ts';
import type { MemoryBroker } from './broker.ts';
import { MemoryMember } from './member.ts';

const readSize = 1_000;

export class MemoryTransport implements Transport {
  readonly #broker: MemoryBroker;

  constructor(broker: MemoryBroker) {
    this.#broker = broker;
  }

  consume(options: ConsumeOptions): Promise<Consumption> {
    const { group } = options;
    const member = new MemoryMember(this.#broker, options);
    const id = this.#broker.group(group).join(member);
    return Promise.resolve({
      pause: (partitions) => {
        member.setPaused(partitions, true);
      },
      resume: (partitions) => {
        member.setPaused(partitions, false);
      },
      close: async () => {
        await member.close();
        this.#broker.group(group).leave(id);
      },
    });
  }

  transactionalProducer(transactionalId: string): Promise<TransactionalProducer> {
    const epoch = this.#broker.initProducer(transactionalId);
    let closed = false;
    return Promise.resolve({
      transact: (records, commits, landing = []) =>
        settle(() => {
          if (closed) throw new StreamError('CLOSED', `${transactionalId}: this producer is closed`);
          this.#broker.transact(transactionalId, epoch, records, commits, landing);
        }),
      close: () => {
        closed = true;
        return Promise.resolve();
      },
    });
  }

  producer(): Promise<Producer> {
    const id = this.#broker.newProducerId();
    return Promise.resolve({
      send: (records) =>
        settle(() => {
          this.#broker.send(records, id);
        }),
      close: () => Promise.resolve(),
    });
  }

  read(
    partition: TopicPartition,
    each: (records: readonly RawRecord[]) => void,
    { from, to }: OffsetRange = { from: 0, to: Number.POSITIVE_INFINITY },
  ): Promise<void> {
    return settle(() => {
      const log = this.#broker.log(partition);
      const end = Math.min(log.end, to);
      for (let offset = Math.max(from, log.beginning); offset < end;) {
        const { records: read, position } = log.read(offset, readSize);
        const records = read.filter((record) => record.offset < to);
        if (records.length > 0) each(records);
        offset = position;
      }
    });
  }

  partitionCount(topic: string): Promise<number> {
    return settle(() => this.#broker.partitions(topic).length);
  }

  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>> {
    return settle(() => {
      const facts = new Map<string, TopicFacts>();
      for (const topic of topics) {
        const described = this.#broker.describe(topic);
        if (described !== undefined) facts.set(topic, described);
      }
      return facts;
    });
  }

  endOffsets(topic: string): Promise<ReadonlyMap<number, number>> {
    return settle(
      () => new Map(this.#broker.partitions(topic).map(({ end }, partition) => [partition, end])),
    );
  }

  beginningOffsets(topic: string): Promise<ReadonlyMap<number, number>> {
    return settle(
      () => new Map(this.#broker.partitions(topic).map(({ beginning }, partition) => [partition, beginning])),
    );
  }

  async committedOffsets(group: string, topic: string): Promise<ReadonlyMap<number, number>> {
    const positions = (await this.committedPositions(group, [topic])).get(topic) ?? [];
    return new Map([...positions].map(([partition, { offset }]) => [partition, offset]));
  }

  committedPositions(group: string, topics: readonly string[]): Promise<CommittedByTopic> {
    return settle(() => new Map(topics.map((topic) => [topic, this.#committedIn(group, topic)])));
  }

  #committedIn(group: string, topic: string): ReadonlyMap<number, CommittedPosition> {
    const committed = new Map<number, CommittedPosition>();
    for (const partition of this.#broker.partitions(topic).keys()) {
      const position = this.#broker.committed(group, { topic, partition });
      if (position !== undefined) committed.set(partition, position);
    }
    return committed;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Runs the work in a later turn of the event loop, as with a real broker, and turns errors into rejections. */
const settle = <T>(work: () => T): Promise<T> => Promise.resolve().then(work);
