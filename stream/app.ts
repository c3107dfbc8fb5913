/**
 * Runs a processor, or a chain of processors, as a member of its consumer group. Each assigned partition has one task.
 * Pausing partitions gives backpressure. After every failure the app does the same: it leaves the group, waits a little,
 * joins again and takes its partitions over. It reads again what was not committed, and nothing else.
 */
import { StepFailure } from './batch-processor.ts';
import { BreakerOpen } from './breaker.ts';
import { linksOf, nameOf, stage, type Stage } from './chain.ts';
import { waitingFor, type Edition } from './edition.ts';
import { messageOf, toError } from './errors.ts';
import { FreshOffsets } from './fresh-offsets.ts';
import type { AppState, AppStatus, StreamApp, StreamAppOptions } from './app-types.ts';
import { GroupMember, type MemberListener } from './group-member.ts';
import type { Poison } from './handover.ts';
import { GapHalts } from './gap-halts.ts';
import { silentLog, type StreamLog } from './observer.ts';
import { groupOfStep } from './positions.ts';
import { watchTasks, type TasksWatch } from './tasks-watch.ts';
import { unitOfStep } from './standstill.ts';
import { Standstills } from './standstills.ts';
import { Refusals, WriteRefused } from './refused-writes.ts';
import type { Input, Output, Processor } from './step.ts';
import type { TaskSettings } from './take-over.ts';
import { Task, type TaskOwner } from './task.ts';
import { partitionKey, type RawRecord, type StartOffset, type TopicPartition } from './transport.ts';

const mostBufferedBytes = 16 * 1024 * 1024;
const pauses = { first: 200, longest: 5_000 };

/** Resolves when the first attempt to join has begun. `status()` reports whether it succeeds. */
export function startStreamApp<In extends Input, Out extends Output, State, Extra>(
  processor: Processor<In, Out, State, Extra>,
  options: StreamAppOptions,
): StreamApp {
  return startStreamChain([stage(processor)], options);
}

/**
 * Runs a chain: steps of which each reads what the step before it writes. They run in one task and one transaction. The
 * chain joins the first step's group. Each step's progress is committed in the step's own group, so that the steps can run
 * separately before and after.
 * @throws StreamError TOPIC_MISMATCH when the steps do not fit together
 */
export function startStreamChain(stages: readonly Stage[], options: StreamAppOptions): StreamApp {
  linksOf(stages);
  return new App(stages, options);
}

class App implements StreamApp {
  readonly #stages: readonly Stage[];
  readonly #name: string;
  readonly #topics: readonly string[];
  readonly #group: string;
  readonly #options: StreamAppOptions;
  readonly #settings: TaskSettings;
  readonly #log: StreamLog;
  readonly #owner: TaskOwner;
  readonly #tasks = new Map<number, Task>();
  readonly #paused = new Set<string>();
  readonly #poison: Poison = new Map();
  readonly #refusals: Refusals;
  readonly #standstills: Standstills;
  readonly #halts: GapHalts;
  #state: AppState = 'joining';
  #message: string | undefined;
  readonly #progress: TasksWatch;
  readonly #member: GroupMember;

  constructor(stages: readonly Stage[], options: StreamAppOptions) {
    const groupOf = (step: string): string => groupOfStep(options.application, step);
    this.#stages = stages;
    this.#name = nameOf(stages);
    this.#topics = [...new Set(stages.flatMap(({ inputs }) => inputs.map(({ topic }) => topic)))];
    this.#group = groupOf(stages[0]?.step ?? '');
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#settings = {
      groupOf,
      deadLetterTopic: options.deadLetterTopic,
      maxDeadLetterBytes: options.maxDeadLetterBytes,
      carryHeaders: options.carryHeaders ?? [],
      maxBatchRecords: options.maxBatchRecords ?? 2_000,
      commitInterval: options.commitInterval ?? 0,
      pressingBytes: (options.maxBufferedBytes ?? mostBufferedBytes) / 2,
      breaker: options.breaker ?? {},
    };
    this.#refusals = new Refusals(this.#poison, this.#log, options.maxDeadLetterBytes);
    this.#standstills = new Standstills({
      transport: options.transport,
      topic: options.breakerTopic,
      log: this.#log,
      onOrder: (order) => {
        this.#member.rejoin(new Error(order));
      },
    });
    this.#halts = new GapHalts({
      ...{ stages, groupOf, transport: options.transport, observer: options.observer ?? {}, log: this.#log },
      onSettled: (partition) => {
        this.#member.rejoin(new Error(`what partition ${partition} stood still for is settled`));
      },
    });
    this.#owner = {
      standstills: this.#standstills,
      quarantined: (step, partition, source) => {
        const fields = { step, partition, by: source.by, source: source.name };
        this.#log.warn(
          fields,
          'only the records of this source die: the breaker does not count them any more',
        );
      },
      transport: options.transport,
      freshOffsets: new FreshOffsets(options.transport),
      observer: options.observer ?? {},
      poison: this.#poison,
      onGap: (step, source, gap) => {
        this.#halts.leftOut(step, source, gap);
      },
      failed: (task, error) => {
        this.#taskFailed(task, error);
      },
      closedWithout: (task, error) => {
        const fields = { step: this.#name, partition: task.partition, cause: messageOf(error) };
        this.#log.warn(fields, 'the last batch before giving the partition up did not go through');
      },
      drained: (task) => {
        this.#resume(task);
      },
      readEnough: (task, topic) => {
        this.#paused.delete(partitionKey({ topic, partition: task.partition }));
        this.#member.pause([{ topic, partition: task.partition }]);
      },
    };
    const standing = () => [...this.#standstills.current, ...this.#halts.halts];
    this.#progress = watchTasks({ stages, standing, tasks: () => this.#tasks.values() }, options);
    this.#member = new GroupMember({
      transport: options.transport,
      group: this.#group,
      topics: this.#topics,
      edition: options.edition,
      alsoWatched: stages.flatMap(({ changelog }) => changelog ?? []),
      ...(options.watchEvery === undefined ? {} : { watchEvery: options.watchEvery }),
      onWatch: () => this.#halts.look(),
      ...(options.sessionTimeout === undefined ? {} : { sessionTimeout: options.sessionTimeout }),
      pauses,
      log: this.#log,
      listener: this.#listener(),
    });
    void this.#member.start();
  }

  status(): AppStatus {
    const standstills = this.#standstills.current;
    const { halts } = this.#halts;
    const isHalted = standstills.length > 0 || halts.length > 0;
    return {
      steps: this.#stages.map(({ step }) => step),
      group: this.#group,
      state: this.#state === 'running' && isHalted ? 'halted' : this.#state,
      message: this.#message ?? standstills[0]?.why ?? this.#halts.why,
      standstills,
      quarantines: [...this.#tasks.values()].flatMap(({ quarantines }) => quarantines),
      tasks: [...this.#tasks.values()].map(({ partition, state }) => ({ partition, state })),
      halts,
      notices: this.#halts.notices,
      stalls: this.#progress.stalls,
      unanswered: this.#progress.unanswered,
    };
  }

  async stop(): Promise<void> {
    this.#progress.stop();
    await this.#member.stop();
    await this.#standstills.close();
    this.#state = 'stopped';
  }

  #listener(): MemberListener {
    return {
      assigned: (partitions) => this.#assigned(partitions),
      records: (partition, records, position) => {
        this.#received(partition, records, position);
      },
      gap: (source, from, to) => {
        const task = this.#tasks.get(source.partition);
        if (task?.gap(source.topic, from, to) === false) this.#member.pause([source]);
      },
      waits: (forEdition) => {
        this.#waits(forEdition);
      },
      ended: (error) => {
        this.#ended(error);
      },
      leaving: () => this.#closeTasks(),
      left: async () => {
        // An assignment that was still in progress may have opened tasks in the meantime.
        await this.#closeTasks();
        this.#standstills.clear();
        this.#paused.clear();
      },
    };
  }

  async #closeTasks(): Promise<void> {
    const tasks = [...this.#tasks.values()];
    this.#tasks.clear();
    await Promise.all(tasks.map((task) => task.close()));
  }

  #waits(forEdition: Edition): void {
    const { edition } = this.#options;
    const { state, message } = waitingFor(forEdition, edition, this.#group);
    this.#state = state;
    this.#message = message;
    this.#log.warn({ step: this.#name, group: this.#group, edition: edition?.id }, message);
    if (state === 'halted') void this.#member.stop();
  }

  #ended(error: Error): void {
    this.#state = 'recovering';
    this.#message = error.message;
    this.#log.warn({ step: this.#name, group: this.#group, cause: error.message }, 'joining again');
  }

  async #assigned(partitions: readonly TopicPartition[]): Promise<readonly StartOffset[]> {
    const wanted = new Set(partitions.map(({ partition }) => partition));
    const gone = [...this.#tasks.values()].filter((task) => !wanted.has(task.partition));
    for (const task of gone) {
      this.#tasks.delete(task.partition);
      for (const { step } of this.#stages) this.#standstills.forget(unitOfStep(step, task.partition));
    }
    await Promise.all(gone.map((task) => task.close()));
    const fresh = [...wanted].filter((partition) => !this.#tasks.has(partition));
    if (fresh.length > 0) await this.#standstills.load();
    const opened = await this.#openAll(fresh);
    this.#halts.retain(wanted);
    this.#state = 'running';
    this.#message = undefined;
    const fields = { step: this.#name, partitions: [...wanted].sort((a, b) => a - b) };
    this.#log.info(fields, 'partitions assigned');
    return opened.flatMap(({ starts }) => starts);
  }

  /** When one task cannot be opened, the others still have to be closed. One that needs a decision stands still. */
  async #openAll(partitions: readonly number[]): Promise<readonly Task[]> {
    const results = await Promise.allSettled(partitions.map((partition) => this.#open(partition)));
    const opened = results.flatMap((result) => (result.status === 'fulfilled' ? (result.value ?? []) : []));
    for (const task of opened) this.#tasks.set(task.partition, task);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return opened;
  }

  async #open(partition: number): Promise<Task | undefined> {
    try {
      const task = await Task.open(
        this.#stages,
        partition,
        this.#refusals.settingsOf(partition, this.#settings),
        this.#owner,
      );
      this.#halts.release(partition);
      return task;
    } catch (error) {
      if (!this.#halts.halt(partition, error)) throw error;
      return undefined;
    }
  }

  #received(source: TopicPartition, records: readonly RawRecord[], position: number): void {
    const task = this.#tasks.get(source.partition);
    if (task === undefined) return;
    task.offer(source.topic, records, position);
    const { records: waiting, bytes } = task.buffered(source.topic);
    if (waiting < this.#maxRecords && bytes < this.#maxBytes) return;
    this.#paused.add(partitionKey(source));
    this.#member.pause([source]);
  }

  /** Resumes when the buffer is half empty, so that fetching overlaps with processing the rest. */
  #resume(task: Task): void {
    this.#member.succeeded();
    if (this.#paused.size === 0) return;
    for (const topic of this.#topics) {
      const key = partitionKey({ topic, partition: task.partition });
      const { records, bytes } = task.buffered(topic);
      if (!this.#paused.has(key) || records > this.#maxRecords / 2 || bytes > this.#maxBytes / 2) continue;
      this.#paused.delete(key);
      this.#member.resume([{ topic, partition: task.partition }]);
    }
  }

  #taskFailed(task: Task, error: unknown): void {
    const message = messageOf(error);
    const fields = { step: this.#name, partition: task.partition, cause: message };
    if (error instanceof BreakerOpen) {
      this.#log.error(fields, 'the breaker has stopped this task');
      this.#standStill(task, error);
      return;
    }
    if (this.#halts.halt(task.partition, error)) {
      this.#member.pause(this.#topics.map((topic) => ({ topic, partition: task.partition })));
      return;
    }
    if (error instanceof StepFailure) {
      this.#poison.set(error.poison, message);
      this.#log.error(
        fields,
        'the step failed; after the state is rebuilt this record becomes a dead letter',
      );
    }
    const final = error instanceof WriteRefused && this.#refusals.isolate(task.partition, error, fields);
    if (final) {
      this.#standStill(task, final);
      return;
    }
    this.#member.rejoin(toError(error));
  }

  #standStill(task: Task, { step, topic, why }: BreakerOpen): void {
    const { partition } = task;
    const unit = unitOfStep(step, partition);
    this.#standstills.stop({ unit, step, partition, topic, why, positions: task.positionsOf(step) });
    this.#member.pause(this.#topics.map((name) => ({ topic: name, partition })));
  }

  get #maxRecords(): number {
    return this.#options.maxBufferedRecords ?? 10_000;
  }

  get #maxBytes(): number {
    return this.#options.maxBufferedBytes ?? mostBufferedBytes;
  }
}
