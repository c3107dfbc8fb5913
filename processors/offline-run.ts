/**
 * Runs the topology in memory. A record that is put on a topic goes to every step that reads the topic. The step's
 * outputs go to the next steps before the next record is put.
 */
import type { Input, Outcome, Output, Step, StepRecord } from '../stream/index.ts';
import { entries, stepNames, type FlowTopic, type StepName } from './topology.ts';
import { chained } from './wiring.ts';

/** A step of any types. The compiler has checked them against the step's topics in the topology. */
export type AnyStep = Step<Input, Output, unknown, unknown>;

export type Sink = (value: unknown, timestamp: number) => void;

/** Receives the results of a run. `Origin` is the record from outside that caused them. */
export interface RunObserver<Origin> {
  /** Returns the function to call for each record on the topic, in the order of processing. Called once per topic. */
  sinkOf(topic: FlowTopic): Sink | undefined;
  /** Called when a step drops a record or makes a dead letter of it. */
  refused(step: StepName, outcome: Exclude<Outcome, { kind: 'emit' }>, origin: Origin): void;
  /** Whether the step did not get the record. Without it, steps get all. */
  lacks?(step: StepName, topic: FlowTopic, value: unknown, place: Place): boolean;
}

/** A record on its way to a step. */
interface Waiting<Origin> {
  readonly record: StepRecord;
  readonly origin: Origin;
}

/** A topic, and the steps that read it. */
class Route<Origin> {
  readonly topic: FlowTopic;
  readonly sink: Sink | undefined;
  readonly readers: { readonly from: string; readonly node: Node<Origin> }[] = [];
  /** The offset of the next record that does not say its own. */
  nextOffset = 0;

  constructor(topic: FlowTopic, sink: Sink | undefined) {
    this.topic = topic;
    this.sink = sink;
  }
}

/** A step with its states, one per key. */
interface Node<Origin> {
  readonly name: StepName;
  readonly step: AnyStep;
  readonly states: Map<string, unknown>;
  readonly outputs: ReadonlyMap<string, Route<Origin>>;
  /** Records that wait for the next batch. Empty for steps that prepare no batches. */
  waiting: Waiting<Origin>[];
}

/** Partition and offset of a record from outside. */
export interface Place {
  readonly partition?: number | undefined;
  /** Default: the next offset of the topic. */
  readonly offset?: number | undefined;
}

/** Records per batch, for steps that prepare batches. */
const batchSize = 256;

export class OfflineRun<Origin> {
  readonly #routes = new Map<FlowTopic, Route<Origin>>();
  /** In the order that data flows. */
  readonly #preparing: readonly Node<Origin>[];
  readonly #observer: RunObserver<Origin>;

  /** @param steps the steps to run; records that only other steps read go no further */
  constructor(steps: ReadonlyMap<StepName, AnyStep>, observer: RunObserver<Origin>) {
    this.#observer = observer;
    const nodes = new Map<StepName, Node<Origin>>();
    for (const [name, step] of steps) {
      const outputs = Object.entries(entries[name].outputs);
      nodes.set(name, {
        name,
        step,
        states: new Map(),
        outputs: new Map(outputs.map(([to, topic]) => [to, this.#route(topic)])),
        waiting: [],
      });
    }
    // As on Kafka, a step that is chained to the step before it gets that step's records first.
    for (const name of chained([...steps.keys()]).flat()) {
      const node = nodes.get(name);
      if (node === undefined) continue;
      for (const [from, { topic }] of Object.entries(entries[name].inputs))
        this.#route(topic).readers.push({ from, node });
    }
    this.#preparing = stepNames.flatMap((name) => {
      const node = nodes.get(name);
      return node?.step.prepare === undefined ? [] : [node];
    });
  }

  /** Whether enough records wait to make `flush` worthwhile. */
  get isFull(): boolean {
    return this.#preparing.some(({ waiting }) => waiting.length >= batchSize);
  }

  /** Puts a record from outside on a topic. */
  put(
    topic: FlowTopic,
    value: unknown,
    key: string,
    timestamp: number,
    { partition = 0, offset }: Place,
    origin: Origin,
  ): void {
    const route = this.#route(topic);
    this.#deliver(route, value, key, timestamp, partition, offset ?? route.nextOffset++, origin);
  }

  /** Processes the records that wait for a batch, and all records that follow from them. */
  async flush(): Promise<void> {
    for (const node of this.#preparing) {
      const { step } = node;
      const batch = node.waiting;
      node.waiting = [];
      const extras = (await step.prepare?.(batch.map(({ record }) => record))) ?? [];
      if (extras.length !== batch.length)
        throw new Error(`${node.name} prepared ${extras.length} of ${batch.length} records`);
      for (const [index, { record, origin }] of batch.entries())
        this.#process(node, record, extras[index], origin);
    }
  }

  #route(topic: FlowTopic): Route<Origin> {
    const known = this.#routes.get(topic);
    if (known !== undefined) return known;
    const made = new Route<Origin>(topic, this.#observer.sinkOf(topic));
    this.#routes.set(topic, made);
    return made;
  }

  #deliver(
    route: Route<Origin>,
    value: unknown,
    key: string,
    timestamp: number,
    partition: number,
    offset: number,
    origin: Origin,
  ): void {
    route.sink?.(value, timestamp);
    for (const { from, node } of route.readers) {
      if (this.#observer.lacks?.(node.name, route.topic, value, { partition, offset }) === true) continue;
      const record: StepRecord = {
        input: { from, value },
        key,
        timestamp,
        topic: 'offline',
        partition,
        offset,
        headers: undefined,
      };
      if (node.step.prepare === undefined) this.#process(node, record, undefined, origin);
      else node.waiting.push({ record, origin });
    }
  }

  #process(node: Node<Origin>, record: StepRecord, extra: unknown, origin: Origin): void {
    const { step, states, outputs } = node;
    let state = states.get(record.key);
    if (state === undefined) {
      state = step.create(record.key);
      if (step.accepts?.(record.key) !== false) states.set(record.key, state);
    }
    const outcome = step.process(record, state, extra);
    if (outcome.kind !== 'emit') {
      this.#observer.refused(node.name, outcome, origin);
      return;
    }
    for (const { to, key, value, timestamp } of outcome.records) {
      const route = outputs.get(to);
      if (route === undefined) throw new Error(`${node.name} has no output ${to}`);
      this.#deliver(route, value, key, timestamp, 0, 0, origin);
    }
  }
}
