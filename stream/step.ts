/**
 * What a step is: a pure function of a record and the state of its key.
 *
 * A step uses no clock except the record's own time, no I/O and no producer. The runtime writes what the step returns.
 * So the same step runs on Kafka, on the broker in memory, over history for training, and in the oracle.
 */

/** A record as a step sees it. When a step has several inputs, `In` is a union that `from` distinguishes. */
export interface StepRecord<In extends Input = Input> {
  /** The name of the declared input, and the decoded value. */
  readonly input: In;
  readonly key: string;
  /** The Kafka record's own timestamp, ms since the epoch: when it was published, not the time of the event. */
  readonly timestamp: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Values as received; undefined when the record has no headers. */
  readonly headers: Headers | undefined;
}

export type Headers = Readonly<Record<string, Buffer | string | undefined>>;

/** A decoded value and the name of the input it came from. */
export interface Input<From extends string = string, Value = unknown> {
  readonly from: From;
  readonly value: Value;
}

/** A record for the runtime to write. `to` is one of the processor's declared outputs. */
export interface Output<To extends string = string, Value = unknown> {
  readonly to: To;
  readonly key: string;
  readonly value: Value;
  /** Becomes the Kafka record's timestamp, ms since the epoch. */
  readonly timestamp: number;
  /** Why the step routed the record here, for outputs that are counted by reason (rejections, late records). */
  readonly reason?: string;
}

/** What a step returns for a record. Steps throw nothing for control flow: a thrown error is a bug and stops the task. */
export type Outcome<Out extends Output = Output> =
  | Emitted<Out>
  | { readonly kind: 'drop'; readonly reason: string }
  | { readonly kind: 'dead-letter'; readonly reason: string; readonly detail: string };

/** Records to write, perhaps none. */
export interface Emitted<Out extends Output = Output> {
  readonly kind: 'emit';
  readonly records: readonly Out[];
  /** What the step has forgotten so that the state stays bounded: a reason for each, for counting. */
  readonly evicted?: readonly string[];
}

/** The record only changed the state; there is nothing to write. One shared object: the hot path allocates nothing. */
export const absorbed: { readonly kind: 'emit'; readonly records: readonly [] } = {
  kind: 'emit',
  records: [],
};

export const emit = <Out extends Output>(...records: readonly Out[]): Emitted<Out> => ({
  kind: 'emit',
  records,
});
export const drop = (reason: string): Outcome<never> => ({ kind: 'drop', reason });
export const deadLetter = (reason: string, detail: string): Outcome<never> => ({
  kind: 'dead-letter',
  reason,
  detail,
});

/**
 * A step over keyed state.
 *
 * `State` is an object of the step's own, which the step changes in place. The runtime calls `create` to make it, writes it
 * to the changelog once per key and batch, and restores it from there. When a transaction aborts, the runtime discards the
 * states in memory and restores them, so a step never has to undo anything.
 *
 * `prepare` is for work that must not run record by record on the event loop (model inference). It is called with the
 * batch first and returns one `Extra` per record, in order. Its result must depend only on the records. A record must get
 * the same answer in every batch.
 *
 * `accepts` protects the memory from keys that nothing limits. For a key that the step does not accept, no state is kept:
 * `process` gets a state that it must not change, and refuses the record. Without `accepts`, each key has a state.
 */
export interface Step<In extends Input, Out extends Output, State, Extra = undefined> {
  readonly name: string;
  accepts?(key: string): boolean;
  create(key: string): State;
  prepare?(batch: readonly StepRecord<In>[]): Promise<readonly Extra[]>;
  process(record: StepRecord<In>, state: State, extra: Extra): Outcome<Out>;
}

/** Converts bytes to values and back. It is synchronous on the hot path; `prepare` may fetch what decoding will need. */
export interface Codec<T> {
  encode(value: T): Buffer;
  /** Throws on bytes that are not a `T`. The task makes a dead letter, with the message as its detail. */
  decode(bytes: Buffer): T;
  /** Called with a batch before the batch is decoded. Returns undefined when nothing has to be fetched. */
  prepare?(batch: readonly Buffer[]): Promise<void> | undefined;
}

/** How one input is read. */
export interface InputBinding<T = unknown> {
  readonly topic: string;
  readonly codec: Codec<T>;
  /**
   * `stream` drives the step. `table` is read up to its end before each batch of a stream: a table record that was
   * acknowledged before a stream record was sent is processed before that record.
   * All inputs of a processor are co-partitioned: same number of partitions, same key, same partitioner.
   */
  readonly role: 'stream' | 'table';
}

export interface OutputBinding<T = unknown> {
  readonly topic: string;
  readonly codec: Codec<T>;
  /** Fixed headers that every record gets (schema or feature versions, CloudEvents attributes). */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A step and its topics: what the runtime runs. */
export interface Processor<In extends Input, Out extends Output, State, Extra = undefined> {
  readonly step: Step<In, Out, State, Extra>;
  readonly inputs: { readonly [From in In['from']]: InputBinding<Extract<In, { from: From }>['value']> };
  readonly outputs: { readonly [To in Out['to']]: OutputBinding<Extract<Out, { to: To }>['value']> };
  /** How a key's state is stored; a processor without it has no changelog. */
  readonly state?: StateBinding<State>;
  /** Default: a processor with state stops, one without goes on. */
  readonly onGap?: OnGap;
}

/**
 * What a step does when records that it was to process next no longer exist, because retention has deleted them or their topic
 * was made anew. `stop`: the task stands still until an operator accepts the gap. `go-on`: it leaves them out and says so.
 */
export type OnGap = 'stop' | 'go-on';

export interface StateBinding<State> {
  readonly codec: StateCodec<State>;
  /** The compacted topic; it has as many partitions as the inputs. */
  readonly changelog: string;
  /**
   * Largest number of keys of one partition that have a state; default: no limit. Beyond it, the state of the key that was
   * used longest ago is deleted and counted.
   */
  readonly mostKeys?: number;
}

/** How a state is written to the changelog: complete, which suits small states, or in parts. */
export type StateCodec<State> = Codec<State> | PartedCodec<State>;

/**
 * For a state of which a record changes only a little: only the changed parts go to the changelog. A part has a short name,
 * which always means the same piece of the state, so that the number of parts of a key is bounded. The part '' is the key's
 * own record. It may contain a complete state that was written before the state had parts.
 *
 * A part may have any size. The runtime writes a part that is too large for one record in several, and hands it back as one.
 */
export interface PartedCodec<State> {
  /** Calls `put` for each part that has changed since the last call. */
  changes(state: State, put: PutPart): void;
  /** Makes the state from the last bytes of each part. Throws on bytes that it cannot read. */
  restore(parts: ReadonlyMap<string, Buffer>): Restored<State>;
}

/** Takes the bytes of a part; null deletes the part. A name contains neither U+001E nor U+001F. */
export type PutPart = (part: string, bytes: Buffer | null) => void;

export interface Restored<State> {
  readonly state: State;
  /** Parts that are no longer used. They are deleted from the changelog when the key is written next. */
  readonly obsolete: readonly string[];
  /** Reasons for what was in the parts and is not in the state. The observer gets their numbers. */
  readonly evicted?: readonly string[];
}
