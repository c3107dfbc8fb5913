/**
 * A task owns one partition of all inputs of a processor. It takes a batch, runs the step, and commits
 * outputs, state changelog and offsets in one transaction; while that is under way it works on the next batch.
 *
 * Its transactional id is made of group, topic and partition, so that whoever takes the partition over fences
 * the one who had it before, even if that one does not know yet.
 */
import { BatchProcessor, type BatchSettings, type Poison, type Slice } from './batch-processor.ts';
import { Breaker, type BreakerOptions } from './breaker.ts';
import { StreamError, toError } from './errors.ts';
import type { FreshOffsets } from './fresh-offsets.ts';
import { InputBuffer } from './input-buffer.ts';
import type { Observer, TaskState } from './observer.ts';
import { Signal } from './signal.ts';
import { StateStore } from './state-store.ts';
import type { Input, InputBinding, Output, Processor } from './step.ts';
import type {
  OffsetToCommit,
  RawRecord,
  TopicPartition,
  TransactionalProducer,
  Transport,
} from './transport.ts';

export interface TaskSettings extends BatchSettings {
  readonly group: string;
  readonly maxBatchRecords: number;
  readonly breaker: BreakerOptions;
}

export interface TaskOwner {
  readonly transport: Transport;
  readonly freshOffsets: FreshOffsets;
  readonly observer: Observer;
  readonly poison: Poison;
  /** The task has stopped by itself; it is called once, after which the task does nothing more. */
  failed(task: AnyTask, error: unknown): void;
  /** The last batch of a task that was being closed did not go through; whoever has the partition next does it again. */
  closedWithout(task: AnyTask, error: unknown): void;
  /** Something was taken out of the buffers: perhaps paused partitions can go on. */
  drained(task: AnyTask): void;
}

/** A task whatever its processor's types. */
export type AnyTask = Pick<
  Task<Input, Output, unknown, unknown>,
  'partition' | 'starts' | 'offer' | 'buffered' | 'close' | 'state'
>;

interface TaskInput {
  readonly from: string;
  readonly source: TopicPartition;
  readonly role: 'stream' | 'table';
  readonly buffer: InputBuffer;
  /** What the group's committed offset is, as far as this task knows. */
  committed: number;
}

export class Task<In extends Input, Out extends Output, State, Extra> {
  readonly partition: number;
  readonly #settings: TaskSettings;
  readonly #owner: TaskOwner;
  readonly #producer: TransactionalProducer;
  readonly #inputs: readonly TaskInput[];
  readonly #batches: BatchProcessor<In, Out, State, Extra>;
  readonly #step: string;
  readonly #arrival = new Signal();
  readonly #finished: Promise<void>;
  #inFlight: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #closing = false;
  #state: TaskState = 'running';

  private constructor(
    processor: Processor<In, Out, State, Extra>,
    partition: number,
    settings: TaskSettings,
    owner: TaskOwner,
    producer: TransactionalProducer,
    store: StateStore<State>,
    inputs: readonly TaskInput[],
  ) {
    this.partition = partition;
    this.#settings = settings;
    this.#owner = owner;
    this.#producer = producer;
    this.#inputs = inputs;
    this.#step = processor.step.name;
    this.#batches = new BatchProcessor(
      processor,
      store,
      settings,
      new Breaker(settings.breaker),
      owner.observer,
      owner.poison,
    );
    this.#finished = this.#run();
  }

  /**
   * Takes the partition over: fences its predecessor, then restores the state and reads the committed offsets,
   * in this order, so that nothing of the predecessor can be committed after they were read.
   */
  static async open<In extends Input, Out extends Output, State, Extra>(
    processor: Processor<In, Out, State, Extra>,
    partition: number,
    settings: TaskSettings,
    owner: TaskOwner,
  ): Promise<Task<In, Out, State, Extra>> {
    const { transport, observer } = owner;
    const step = processor.step.name;
    observer.taskState?.(step, partition, 'restoring');
    const producer = await transport.transactionalProducer(
      transactionalId(processor, settings.group, partition),
    );
    try {
      const began = performance.now();
      const store = new StateStore<State>((key) => processor.step.create(key), processor.state, partition);
      const { keys, bytes } = await store.restore(transport);
      observer.restored?.(step, partition, keys, bytes, performance.now() - began);
      const inputs = await openInputs(processor, partition, settings.group, transport);
      return new Task(processor, partition, settings, owner, producer, store, inputs);
    } catch (error) {
      await producer.close();
      throw error;
    }
  }

  get state(): TaskState {
    return this.#state;
  }

  /** Where reading has to begin, per input. */
  get starts(): readonly OffsetToCommit[] {
    return this.#inputs.map(({ source, buffer }) => ({ ...source, offset: buffer.position }));
  }

  offer(topic: string, records: readonly RawRecord[], position: number): void {
    if (this.#closing) return;
    const input = this.#inputs.find(({ source }) => source.topic === topic);
    input?.buffer.push(records, position);
    this.#arrival.set();
  }

  /** Records and bytes waiting, per input topic. */
  buffered(topic: string): { readonly records: number; readonly bytes: number } {
    const buffer = this.#inputs.find(({ source }) => source.topic === topic)?.buffer;
    return { records: buffer?.count ?? 0, bytes: buffer?.bytes ?? 0 };
  }

  /** Finishes the batch at hand and its transaction; what is buffered stays uncommitted. Never rejects. */
  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#arrival.set();
    }
    await this.#finished;
    if (this.#state !== 'closed') {
      await this.#producer.close();
      this.#setState('closed');
    }
  }

  async #run(): Promise<void> {
    this.#setState('running');
    try {
      while (!this.#closing) {
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#hasWork()) await this.#cycle();
        else await this.#arrival.wait();
      }
      await this.#inFlight;
      if (this.#failure !== undefined) throw this.#failure;
    } catch (error) {
      const closing = this.#closing;
      this.#closing = true;
      await this.#inFlight;
      this.#setState('halted');
      if (closing) this.#owner.closedWithout(this, error);
      else this.#owner.failed(this, error);
    }
  }

  #hasWork(): boolean {
    return this.#inputs.some(({ buffer, committed }) => buffer.count > 0 || buffer.position > committed);
  }

  async #cycle(): Promise<void> {
    const began = performance.now();
    const slices = await this.#collect();
    const result = await this.#batches.run(slices);
    const offsets: OffsetToCommit[] = [];
    for (const input of this.#inputs) {
      const { consumed } = input.buffer;
      if (consumed > input.committed) offsets.push({ ...input.source, offset: consumed });
      input.committed = Math.max(input.committed, consumed);
    }
    this.#owner.drained(this);
    if (result.records > 0) this.#report(result, performance.now() - began);
    await this.#inFlight;
    if (this.#failure !== undefined) throw this.#failure;
    if (offsets.length > 0) this.#inFlight = this.#commit(result.out, offsets);
  }

  /** Never rejects: a failure is kept for the loop to find. */
  async #commit(
    out: Parameters<TransactionalProducer['transact']>[0],
    offsets: readonly OffsetToCommit[],
  ): Promise<void> {
    const began = performance.now();
    const { observer } = this.#owner;
    try {
      await this.#producer.transact(out, [{ group: this.#settings.group, offsets }]);
      observer.transaction?.(this.#step, this.partition, 'committed', performance.now() - began);
    } catch (error) {
      this.#failure = toError(error);
      const outcome = error instanceof StreamError && error.code === 'FENCED' ? 'fenced' : 'aborted';
      observer.transaction?.(this.#step, this.partition, outcome, performance.now() - began);
      this.#arrival.set();
    }
  }

  /**
   * The next records to process. Before records of a stream, the tables are read up to where they end at some
   * moment after those records had arrived: whatever was acknowledged before a stream record was sent is then in.
   */
  async #collect(): Promise<readonly Slice[]> {
    const max = this.#settings.maxBatchRecords;
    const tables = this.#inputs.filter(({ role }) => role === 'table');
    const streams = this.#inputs.filter(({ role }) => role === 'stream');
    const waiting = streams.map(({ buffer }) => Math.min(buffer.count, max));
    if (tables.length > 0 && waiting.some((count) => count > 0) && !(await this.#caughtUp(tables))) {
      return takeFrom(
        tables,
        tables.map(() => max),
      );
    }
    return [
      ...takeFrom(
        tables,
        tables.map(() => max),
      ),
      ...takeFrom(streams, waiting),
    ];
  }

  /** True when all tables are in memory to their ends; false as soon as there is a table batch to process first. */
  async #caughtUp(tables: readonly TaskInput[]): Promise<boolean> {
    const ends = await Promise.all(tables.map(({ source }) => this.#owner.freshOffsets.of(source.topic)));
    for (;;) {
      const behind = tables.filter(
        ({ buffer }, index) => buffer.position < (ends[index]?.get(this.partition) ?? 0),
      );
      const full = tables.some(({ buffer }) => buffer.count >= this.#settings.maxBatchRecords);
      if (behind.length === 0 && !full) return true;
      if (full || this.#closing || this.#failure !== undefined) return false;
      await this.#arrival.wait();
    }
  }

  #report(
    result: { records: number; out: readonly unknown[]; deadLettered: number; oldestTimestamp: number },
    durationMs: number,
  ): void {
    this.#owner.observer.batch?.({
      step: this.#step,
      partition: this.partition,
      records: result.records,
      emitted: result.out.length,
      deadLettered: result.deadLettered,
      durationMs,
      oldestTimestamp: result.oldestTimestamp,
    });
    const waiting = this.#inputs.reduce((sum, { buffer }) => sum + buffer.count, 0);
    this.#owner.observer.buffered?.(this.#step, this.partition, waiting);
  }

  #setState(state: TaskState): void {
    this.#state = state;
    this.#owner.observer.taskState?.(this.#step, this.partition, state);
  }
}

interface HasInputs {
  readonly inputs: Readonly<Record<string, InputBinding>>;
}

function transactionalId(processor: HasInputs, group: string, partition: number): string {
  const inputs = Object.values(processor.inputs);
  const main = inputs.find(({ role }) => role === 'stream') ?? inputs[0];
  return `${group}-${main?.topic ?? ''}-${partition}`;
}

async function openInputs(
  processor: HasInputs,
  partition: number,
  group: string,
  transport: Transport,
): Promise<TaskInput[]> {
  const bindings = Object.entries(processor.inputs);
  return Promise.all(
    bindings.map(async ([from, { topic, role }]) => {
      const committed = (await transport.committedOffsets(group, topic)).get(partition);
      const start = committed ?? (await transport.beginningOffsets(topic)).get(partition) ?? 0;
      return { from, source: { topic, partition }, role, buffer: new InputBuffer(start), committed: start };
    }),
  );
}

function takeFrom(inputs: readonly TaskInput[], limits: readonly number[]): Slice[] {
  const slices: Slice[] = [];
  for (const [index, { from, source, buffer }] of inputs.entries()) {
    const limit = limits[index] ?? 0;
    const records = limit > 0 ? buffer.take(limit) : [];
    if (records.length > 0) slices.push({ from, source, records });
  }
  return slices;
}
