/**
 * A task owns one partition of all inputs of a processor or a chain. It takes a batch, runs the steps, and commits outputs,
 * state changelogs and offsets in one transaction. While the transaction is under way, it works on the next batch.
 *
 * Its transactional id consists of group, topic and partition. So the next owner of the partition fences the previous one,
 * even if the previous one does not know yet that it has lost the partition.
 */
import { Anchors } from './anchors.ts';
import type { Slice } from './batch-processor.ts';
import type { Stage, StageAtWork } from './chain.ts';
import { collect, type TableEnds } from './collect.ts';
import { StreamError } from './errors.ts';
import type { FreshOffsets } from './fresh-offsets.ts';
import type { HandedOn, Poison } from './handover.ts';
import type { Progress } from './lag.ts';
import type { Observer, TaskState } from './observer.ts';
import { Pace } from './pace.ts';
import type { Gap } from './position-note.ts';
import { StoppedAtGap } from './stopped-at-gap.ts';
import type { QuarantinedSource } from './quarantine.ts';
import { choose, readsOf, roundFailure } from './refused-writes.ts';
import { passes, RoundInTheMaking, recordsPerPass, type Round, type StepTotals } from './round.ts';
import { Signal } from './signal.ts';
import type { StandstillPosition } from './standstill.ts';
import type { Standstills } from './standstills.ts';
import { Standing } from './standing.ts';
import { takeOver, type TakenOver, type TaskSettings } from './take-over.ts';
import { confirm, isAtGap, isRead, leaveOut, moved, type TaskInput } from './task-input.ts';
import type {
  GroupOffsets,
  OffsetToCommit,
  RawRecord,
  StartOffset,
  TopicPartition,
  TransactionalProducer,
  Transport,
} from './transport.ts';

export interface TaskOwner {
  readonly transport: Transport;
  readonly freshOffsets: FreshOffsets;
  readonly observer: Observer;
  readonly poison: Poison;
  readonly standstills: Standstills;
  quarantined(step: string, partition: number, source: QuarantinedSource): void;
  /** A step leaves records out that no longer exist. */
  onGap(step: string, source: TopicPartition, gap: Gap): void;
  /** The task has stopped by itself. Called once; after that the task does nothing more. */
  failed(task: Task, error: unknown): void;
  /** The last batch of a task that was being closed was not committed; the next owner of the partition processes it again. */
  closedWithout(task: Task, error: unknown): void;
  /** Records were taken out of the buffers: paused partitions may be able to resume. */
  drained(task: Task): void;
  /** The task reads nothing more of this topic. */
  readEnough(task: Task, topic: string): void;
}

export interface TaskQuarantine extends QuarantinedSource {
  readonly step: string;
  readonly partition: number;
}

export class Task {
  readonly partition: number;
  readonly #stages: readonly Stage[];
  readonly #atWork: readonly StageAtWork[];
  readonly #settings: TaskSettings;
  readonly #owner: TaskOwner;
  readonly #producer: TransactionalProducer;
  readonly #inputs: readonly TaskInput[];
  readonly #anchors: Anchors;
  readonly #recordsPerPass: number;
  readonly #arrival = new Signal();
  readonly #pace: Pace;
  #leftAlone: number;
  readonly #finished: Promise<void>;
  readonly #tables: TableEnds;
  readonly #standing: Standing;
  #inFlight: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #closing = false;
  #state: TaskState = 'running';

  private constructor(
    stages: readonly Stage[],
    partition: number,
    settings: TaskSettings,
    owner: TaskOwner,
    { producer, atWork, inputs, anchors }: TakenOver,
  ) {
    this.partition = partition;
    this.#stages = stages;
    this.#atWork = atWork;
    this.#settings = settings;
    this.#pace = new Pace(settings.commitInterval);
    this.#leftAlone = settings.alone ?? 0;
    this.#owner = owner;
    this.#producer = producer;
    this.#inputs = inputs;
    this.#anchors = new Anchors(anchors);
    this.#recordsPerPass = stages.some(({ prepares }) => prepares) ? Infinity : recordsPerPass;
    this.#tables = {
      ends: async (topic) => (await owner.freshOffsets.of(topic)).get(partition) ?? 0,
      arrival: this.#arrival,
      isOver: () => this.#closing || this.#failure !== undefined || this.#inputs.some(isAtGap),
    };
    this.#standing = new Standing(stages, inputs, owner.standstills);
    this.#finished = this.#run();
  }

  /** Takes the partition over and begins to work. */
  static async open(
    stages: readonly Stage[],
    partition: number,
    settings: TaskSettings,
    owner: TaskOwner,
  ): Promise<Task> {
    return new Task(stages, partition, settings, owner, await takeOver(stages, partition, settings, owner));
  }

  get state(): TaskState {
    return this.#state;
  }

  /** The offset at which reading has to begin, for each input that is read. */
  get starts(): readonly StartOffset[] {
    return this.#inputs
      .filter(isRead)
      .map(({ source, buffer, note }) => ({ ...source, offset: buffer.position, topicId: note.topicId }));
  }

  /** Sources whose records the breakers do not count, by step. */
  get quarantines(): readonly TaskQuarantine[] {
    return this.#atWork.flatMap((each, stage) => {
      const step = this.#stages[stage]?.step ?? '';
      return each.quarantined().map((source) => ({ step, partition: this.partition, ...source }));
    });
  }

  /** Where a step of the task has got to. */
  positionsOf(step: string): readonly StandstillPosition[] {
    return this.#standing.positionsOf(step);
  }

  /** The progress of each step, per input. */
  get progress(): readonly Progress[] {
    return this.#inputs.map(({ group, source, confirmed }) => ({ group, ...source, committed: confirmed }));
  }

  offer(topic: string, records: readonly RawRecord[], position: number): void {
    if (this.#closing) return;
    const input = this.#inputs.find(({ source }) => source.topic === topic);
    if (input === undefined || !isRead(input)) return;
    input.buffer.push(records, position);
    this.#arrival.set();
    if (this.#isFull(input)) this.#pace.hurry();
  }

  /**
   * The records from `from` to `to` of an input no longer exist. What comes before them is processed first.
   * @returns whether the topic is to be read on
   */
  gap(topic: string, from: number, to: number): boolean {
    const input = this.#inputs.find(({ source }) => source.topic === topic);
    if (this.#closing || input === undefined || !isRead(input)) return true;
    const gap: Gap = { reason: 'deleted', from, to, at: Date.now() };
    if (input.onGap === 'stop') input.lost = gap;
    else {
      leaveOut(input, gap);
      this.#owner.onGap(input.step, input.source, gap);
    }
    this.#arrival.set();
    this.#pace.hurry();
    return input.onGap === 'go-on';
  }

  /** Number of records and bytes waiting, per input topic. */
  buffered(topic: string): { readonly records: number; readonly bytes: number } {
    const buffer = this.#inputs.find(({ source }) => source.topic === topic)?.buffer;
    return { records: buffer?.count ?? 0, bytes: buffer?.bytes ?? 0 };
  }

  /** Finishes the current batch and its transaction. Buffered records stay uncommitted. Never rejects. */
  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#arrival.set();
      this.#pace.hurry();
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
        const stuck = this.#inputs.find(isAtGap);
        if (stuck?.lost !== undefined) throw new StoppedAtGap(stuck.step, stuck.source, stuck.lost);
        if (this.#hasWork()) await this.#inTurn();
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

  /**
   * Returns the first step that has work. Records that are already on the topic before a step come before everything that
   * earlier steps would hand on to it. Until they are read, the earlier steps wait.
   */
  #firstStage(): number {
    return this.#inputs.reduce((first, input) => {
      const waits = input.link !== undefined && !input.link.isOpen;
      return waits ? Math.max(first, input.stage) : first;
    }, 0);
  }

  #readable(): readonly TaskInput[] {
    const first = this.#firstStage();
    return this.#inputs.filter((input) => input.stage >= first && isRead(input));
  }

  #hasWork(): boolean {
    return this.#readable().some(({ buffer, committed }) => buffer.count > 0 || buffer.position > committed);
  }

  #isFull({ buffer }: TaskInput): boolean {
    const { maxBatchRecords, pressingBytes } = this.#settings;
    return buffer.count >= maxBatchRecords || buffer.bytes >= pressingBytes;
  }

  async #inTurn(): Promise<void> {
    await this.#pace.turn(this.#readable().some((input) => this.#isFull(input)));
    if (!this.#closing && this.#failure === undefined) await this.#cycle();
  }

  async #cycle(): Promise<void> {
    const first = this.#firstStage();
    const usual = this.#standing.most(this.#settings.maxBatchRecords);
    const { inputs, most } = choose(this.#readable(), this.#leftAlone, usual);
    const slices = await collect(inputs, most, this.#tables);
    const round = await this.#work(first, slices);
    this.#leftAlone -= round.reads.records;
    this.#owner.drained(this);
    await this.#inFlight;
    if (this.#failure !== undefined) throw this.#failure;
    if (round.commits.length > 0) this.#inFlight = this.#commit(round);
  }

  /** Passes the records through all steps, some at a time, and collects the changes of the states. */
  async #work(first: number, slices: ReadonlyMap<TaskInput, Slice>): Promise<Round> {
    const round = new RoundInTheMaking(this.#stages.length);
    for (const pass of passes(slices, this.#recordsPerPass)) await this.#pass(first, pass, round);
    const landing: OffsetToCommit[] = [];
    for (const [stage, each] of this.#atWork.entries()) {
      const began = performance.now();
      each.finish(round.out);
      round.totals[stage]?.add(performance.now() - began);
      const handed = round.handed[stage] ?? 0;
      const next = handed > 0 ? this.#linkTo(stage + 1) : undefined;
      if (next?.link !== undefined) {
        landing.push({ ...next.source, offset: next.link.next });
        next.link.wrote(handed);
      }
    }
    this.#report(round.totals);
    const commits = this.#commits();
    round.out.push(...this.#standing.ended(commits));
    return { reads: readsOf(slices), out: round.out, landing, commits };
  }

  /** Runs the steps in turn, each on what it reads and what the previous step hands on. */
  async #pass(
    first: number,
    slices: ReadonlyMap<TaskInput, Slice>,
    { out, handed, totals }: RoundInTheMaking,
  ): Promise<void> {
    let handedOn: readonly HandedOn[] = [];
    for (let stage = first; stage < this.#stages.length; stage++) {
      const own = [...slices].flatMap(([input, slice]) => (input.stage === stage ? [slice] : []));
      if (own.length === 0 && handedOn.length === 0) continue;
      const began = performance.now();
      const before = handed[stage] ?? 0;
      const nextOffset = (this.#linkTo(stage + 1)?.link?.next ?? 0) + before;
      const result = await this.#atWork[stage]?.run({ slices: own, handedOn }, nextOffset);
      if (result === undefined) throw new Error(`there is no step ${stage}`);
      handedOn = result.handOn;
      handed[stage] = before + handedOn.length;
      for (const record of result.out) out.push(record);
      totals[stage]?.add(performance.now() - began, result);
    }
  }

  #linkTo(stage: number): TaskInput | undefined {
    return this.#inputs.find((input) => input.stage === stage && input.link !== undefined);
  }

  /** The progress of each step since the last call, by group. */
  #commits(): readonly GroupOffsets[] {
    const groups = new Map<string, OffsetToCommit[]>();
    for (const input of this.#inputs) {
      if (input.link?.readUpTo(input.buffer) === true) this.#owner.readEnough(this, input.source.topic);
      const offset = moved(input);
      if (offset === undefined) continue;
      groups.set(input.group, [...(groups.get(input.group) ?? []), offset]);
    }
    this.#anchors.addTo(groups);
    return [...groups].map(([group, offsets]) => ({ group, offsets }));
  }

  /** Never rejects: the loop finds a failure later. */
  async #commit({ reads, out, commits, landing }: Round): Promise<void> {
    const began = performance.now();
    const { observer } = this.#owner;
    let outcome: 'committed' | 'aborted' | 'fenced' = 'committed';
    try {
      await this.#producer.transact(out, commits, landing);
      confirm(this.#inputs, commits);
    } catch (error) {
      this.#failure = roundFailure(reads, out, this.#settings.deadLetterTopic, error);
      outcome = error instanceof StreamError && error.code === 'FENCED' ? 'fenced' : 'aborted';
      this.#arrival.set();
      this.#pace.hurry();
    }
    const duration = performance.now() - began;
    if (outcome === 'committed') observer.committed?.(out);
    for (const { step } of this.#stages) observer.transaction?.(step, this.partition, outcome, duration);
  }

  #report(totals: readonly StepTotals[]): void {
    const { observer } = this.#owner;
    for (const [stage, total] of totals.entries()) {
      const step = this.#stages[stage]?.step ?? '';
      if (total.records === 0) continue;
      observer.batch?.({ step, partition: this.partition, ...total.report() });
      let waiting = 0;
      for (const input of this.#inputs) if (input.stage === stage) waiting += input.buffer.count;
      observer.buffered?.(step, this.partition, waiting);
    }
  }

  #setState(state: TaskState): void {
    this.#state = state;
    for (const { step } of this.#stages) this.#owner.observer.taskState?.(step, this.partition, state);
  }
}
