/**
 * What a step is: a pure function of a record, the state of its key and nothing else.
 *
 * No clock but the record's own time, no I/O, no producer. The runtime writes what the step returns,
 * so the same step runs on Kafka, in the in-memory twin, over history for training and in the oracle.
 */

/** A record as a step sees it. `In` is a union told apart by `from` when a step has several inputs. */
export interface StepRecord<In extends Input = Input> {
  /** Which declared input it came in by, and its decoded value. */
  readonly input: In;
  readonly key: string;
  /** The Kafka record's own timestamp, ms since the epoch (when it was published, not the event's time). */
  readonly timestamp: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Undefined when the record carries none; values as received. */
  readonly headers: Headers | undefined;
}

export type Headers = Readonly<Record<string, Buffer | string | undefined>>;

/** A decoded value and the name of the input it came by. */
export interface Input<From extends string = string, Value = unknown> {
  readonly from: From;
  readonly value: Value;
}

/** A record that a step wants written. `to` names one of the processor's declared outputs. */
export interface Output<To extends string = string, Value = unknown> {
  readonly to: To;
  readonly key: string;
  readonly value: Value;
  /** Becomes the Kafka record's timestamp, ms since the epoch. */
  readonly timestamp: number;
  /** Why this record was routed here, for outputs that are counted by reason (rejections, late records). */
  readonly reason?: string;
}

/** What became of a record. Nothing is thrown for control flow; a thrown error is a bug and stops the task. */
export type Outcome<Out extends Output = Output> =
  | { readonly kind: 'emit'; readonly records: readonly Out[] }
  | { readonly kind: 'drop'; readonly reason: string }
  | { readonly kind: 'dead-letter'; readonly reason: string; readonly detail: string };

/** Nothing to write for this record: it was taken into the state. Shared, so that the hot path allocates nothing. */
export const absorbed: { readonly kind: 'emit'; readonly records: readonly [] } = {
  kind: 'emit',
  records: [],
};

export const emit = <Out extends Output>(...records: readonly Out[]): Outcome<Out> => ({
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
 * `State` is an object of the step's own that it changes in place; the runtime owns its life: it is made by
 * `create`, written to the changelog once per key and batch, and rebuilt from there. When a transaction
 * aborts, the runtime throws the memory away and rebuilds, so a step never has to undo anything.
 *
 * `prepare` is for work that must not run record by record on the event loop (model inference): it gets the
 * batch first and gives one `Extra` per record, in order. It must be a function of the records alone, and must
 * give each record the same answer whatever the batch it came in.
 */
export interface Step<In extends Input, Out extends Output, State, Extra = undefined> {
  readonly name: string;
  create(key: string): State;
  prepare?(batch: readonly StepRecord<In>[]): Promise<readonly Extra[]>;
  process(record: StepRecord<In>, state: State, extra: Extra): Outcome<Out>;
}

/** Bytes to values and back. Synchronous on the hot path; `prepare` may fetch what decoding will need. */
export interface Codec<T> {
  encode(value: T): Buffer;
  /** Throws on bytes that are not a `T`; the task turns that into a dead letter with the message as detail. */
  decode(bytes: Buffer): T;
  /** Called with a batch before it is decoded; undefined when nothing has to be fetched. */
  prepare?(batch: readonly Buffer[]): Promise<void> | undefined;
}

/** How one input is read. */
export interface InputBinding<T = unknown> {
  readonly topic: string;
  readonly codec: Codec<T>;
  /**
   * `stream`: drives the step. `table`: read up to its end before each batch of a stream, so that whatever
   * was acknowledged to its producer before a stream record was sent is seen before that record.
   * All inputs of a processor are co-partitioned: same number of partitions, same key, same partitioner.
   */
  readonly role: 'stream' | 'table';
}

export interface OutputBinding<T = unknown> {
  readonly topic: string;
  readonly codec: Codec<T>;
  /** Fixed headers put on each record (schema or feature versions, CloudEvents attributes). */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A step with its place on the topics: what the runtime runs. */
export interface Processor<In extends Input, Out extends Output, State, Extra = undefined> {
  readonly step: Step<In, Out, State, Extra>;
  readonly inputs: { readonly [From in In['from']]: InputBinding<Extract<In, { from: From }>['value']> };
  readonly outputs: { readonly [To in Out['to']]: OutputBinding<Extract<Out, { to: To }>['value']> };
  /** How a key's state is kept; a processor without one keeps no changelog. */
  readonly state?: StateBinding<State>;
}

export interface StateBinding<State> {
  readonly codec: StateCodec<State>;
  /** The compacted topic, with as many partitions as the inputs. */
  readonly changelog: string;
}

/** How a state is written to the changelog: whole, which suits small states, or in parts. */
export type StateCodec<State> = Codec<State> | PartedCodec<State>;

/**
 * For a state of which a record changes only a little: the changelog then gets what changed. A part has a short name,
 * which stands for the same piece of the state each time, so that a key has a bounded number of them; '' is the key's own
 * record, in which a whole state may be found that was written before there were parts.
 */
export interface PartedCodec<State> {
  /** Hands over each part that has changed since the last call. */
  changes(state: State, put: (part: string, bytes: Buffer) => void): void;
  /** The state from the last bytes of each of its parts. Throws on what cannot be read. */
  restore(parts: ReadonlyMap<string, Buffer>): Restored<State>;
}

export interface Restored<State> {
  readonly state: State;
  /** Parts that mean nothing any more: removed from the changelog when the key is next written. */
  readonly obsolete: readonly string[];
}
