/** Reports partitions that stand still to the log of breakers, and when they run again. */
import {
  partitionKey,
  Standstills,
  unitOfSink,
  type Standstill,
  type StreamLog,
  type Transport,
} from '../../../stream/index.ts';
import type { SinkPartition } from './partition.ts';

export interface PartitionWatchOptions {
  readonly sink: string;
  readonly transport: Transport;
  /** The topic of the log of breakers; undefined: nothing is reported. */
  readonly breakerTopic: string | undefined;
  readonly log: StreamLog;
  readonly partitions: () => Iterable<SinkPartition>;
  /** An operator has told a partition to go on: claim the partitions again. */
  readonly onOrder: (order: string) => void;
}

const lookEvery = 250; // ms

export class PartitionWatch {
  readonly #options: PartitionWatchOptions;
  readonly #standstills: Standstills;
  readonly #timer: NodeJS.Timeout;
  readonly #stopped = new WeakSet<SinkPartition>();
  /** Quarantines that are in the log. */
  readonly #said = new Set<string>();
  /** The log does not say, or no longer, that they stand still. */
  readonly #running = new WeakSet<SinkPartition>();

  constructor(options: PartitionWatchOptions) {
    const { transport, breakerTopic: topic, log, onOrder } = options;
    this.#options = options;
    this.#standstills = new Standstills({ transport, topic, log, onOrder });
    this.#timer = setInterval(() => {
      this.#look();
    }, lookEvery).unref();
  }

  /** Call it before partitions are claimed. */
  load(): Promise<void> {
    return this.#standstills.load();
  }

  /** The breaker of the partition does not count records before this offset. */
  allowedUntil(topic: string, partition: number): number {
    return this.#standstills.allowance(this.#unit(topic, partition))[topic] ?? 0;
  }

  /** As of now, also what has stopped since the last look. */
  standstills(): readonly Standstill[] {
    this.#look();
    return this.#standstills.current;
  }

  forget({ source: { topic, partition } }: SinkPartition): void {
    this.#standstills.forget(this.#unit(topic, partition));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#standstills.close();
  }

  #look(): void {
    for (const each of this.#options.partitions()) {
      this.#sayQuarantines(each);
      if (each.halted === undefined) this.#checkProgress(each);
      else this.#report(each, each.halted);
    }
  }

  #sayQuarantines(each: SinkPartition): void {
    for (const { by, name, since } of each.quarantined) {
      const key = `${partitionKey(each.source)} ${by} ${name} ${since}`;
      if (this.#said.has(key)) continue;
      this.#said.add(key);
      const fields = { ...each.source, by, source: name };
      this.#options.log.warn(
        fields,
        'only the records of this source die: the breaker does not count them any more',
      );
    }
  }

  #report(each: SinkPartition, why: string): void {
    if (this.#stopped.has(each)) return;
    this.#stopped.add(each);
    const { topic, partition } = each.source;
    const step = this.#options.sink;
    // A partition that is halted in the middle of a batch drops the rest of it.
    const offset = each.owned ? each.taken : each.stored;
    const positions = [{ topic, offset, isPassedOn: false }];
    this.#standstills.stop({ unit: this.#unit(topic, partition), step, partition, topic, why, positions });
  }

  #checkProgress(each: SinkPartition): void {
    if (this.#running.has(each)) return;
    const { topic, partition } = each.source;
    const reported = this.#standstills.reported(this.#unit(topic, partition));
    const place = reported?.positions[0]?.offset;
    if (place !== undefined && each.stored <= place) return;
    this.#running.add(each);
    if (reported !== undefined) this.#standstills.goesOn(reported.unit);
  }

  #unit(topic: string, partition: number): string {
    return unitOfSink(this.#options.sink, topic, partition);
  }
}
