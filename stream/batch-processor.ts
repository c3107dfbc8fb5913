/**
 * Runs a step over a batch: bytes in, producer records out. Records that cannot be decoded, or that the step
 * refuses, become dead letters. The breaker counts them.
 */
import { BatchWork, countRecord, type TakenRecord } from './batch-work.ts';
import type { StepBreaker } from './step-breaker.ts';
import { toDeadLetter } from './dead-letters.ts';
import { StreamError, messageOf } from './errors.ts';
import { asRead, poisonKey, type Cause, type HandedOn, type Neighbours, type Poison } from './handover.ts';
import type { Observer, ReasonKind } from './observer.ts';
import type { StateStore } from './state-store.ts';
import type { Codec, Headers, Input, Output, OutputBinding, Processor } from './step.ts';
import type { ProducerRecord, RawRecord, TopicPartition } from './transport.ts';

/** Records of one input, in order. */
export interface Slice {
  readonly from: string;
  readonly source: TopicPartition;
  readonly records: readonly RawRecord[];
}

/** What one step has to process in a batch. */
export interface StepBatch {
  readonly slices: readonly Slice[];
  readonly handedOn: readonly HandedOn[];
}

export interface BatchSettings {
  readonly deadLetterTopic: string;
  /** What the dead-letter topic accepts; a larger letter is cut. Default: what a broker accepts. */
  readonly maxDeadLetterBytes?: number | undefined;
  /** By topic: an operator has said that records before this offset do not count for the breaker. */
  readonly allowance?: Readonly<Record<string, number>> | undefined;
  /** Headers copied from an input record to every output record of it (trace context, CloudEvents source). */
  readonly carryHeaders: readonly string[];
}

export interface BatchResult {
  readonly out: ProducerRecord[];
  readonly records: number;
  readonly deadLettered: number;
  readonly oldestTimestamp: number;
  /** Records for the next step of the chain, in order. */
  readonly handOn: readonly HandedOn[];
}

/**
 * The largest key and value of an output. A broker accepts 1 MiB per record batch (`max.message.bytes`); the difference is
 * for headers and framing. The broker would refuse a larger record each time its transaction is tried again.
 */
const maxRecordBytes = 1_040_000;

/** A longer key would leave too little room in changelog records and outputs, which repeat it. */
const maxKeyBytes = 16_384;

/** Longer headers are not carried on; no trace header is that long. */
const maxCarriedBytes = 2_048;

/**
 * The step threw on this record, or its output cannot be written. The state of the step can no longer be trusted, and the
 * record will become a dead letter.
 */
export class StepFailure extends StreamError {
  readonly poison: string;

  constructor(step: string, poison: string, cause: unknown) {
    super('STEP_FAILED', `step ${step} failed on ${poison}: ${String(cause)}`, { cause });
    this.poison = `${step} ${poison}`;
  }
}

export class BatchProcessor<In extends Input, Out extends Output, State, Extra> {
  readonly #processor: Processor<In, Out, State, Extra>;
  readonly #store: StateStore<State>;
  readonly #settings: BatchSettings;
  readonly #neighbours: Neighbours;
  readonly #breaker: StepBreaker;
  readonly #observer: Observer;
  readonly #poison: Poison;
  readonly #codecs: ReadonlyMap<string, Codec<unknown>>;
  readonly #outputs: ReadonlyMap<string, OutputBinding>;
  #reasons = new Map<string, number>();

  constructor(
    processor: Processor<In, Out, State, Extra>,
    store: StateStore<State>,
    settings: BatchSettings,
    neighbours: Neighbours,
    breaker: StepBreaker,
    observer: Observer,
    poison: Poison,
  ) {
    this.#processor = processor;
    this.#store = store;
    this.#settings = settings;
    this.#neighbours = neighbours;
    this.#breaker = breaker;
    this.#observer = observer;
    this.#poison = poison;
    const inputs: [string, { codec: Codec<unknown> }][] = Object.entries(processor.inputs);
    this.#codecs = new Map(inputs.map(([from, binding]) => [from, binding.codec]));
    // Each binding's codec has the type of the output name under which it is stored.
    this.#outputs = new Map(Object.entries(processor.outputs));
  }

  /**
   * Processes records that were read before records that the previous step handed on, and table records before stream records.
   * Rejects with BREAKER_OPEN, STEP_FAILED, or the error of a codec or of the step's `prepare`.
   * @param nextOffset the offset that the first record for the next step will get
   */
  async run({ slices, handedOn }: StepBatch, nextOffset = 0): Promise<BatchResult> {
    const work = new BatchWork<In>();
    for (const slice of slices) {
      await this.#prepareCodec(slice);
      for (const raw of slice.records) this.#read(slice, raw, work);
    }
    for (const record of handedOn) this.#takeOver(record, work);
    const { taken, out, handOn } = work;
    const extras = await this.#processor.step.prepare?.(taken);
    work.isRead = true;
    for (let index = 0; index < taken.length; index++) {
      this.#countDeaths(work, index);
      // A step without `prepare` is declared with Extra = undefined, so undefined is right here.
      this.#process(taken[index] as TakenRecord<In>, extras?.[index] as Extra, nextOffset, work);
    }
    this.#countDeaths(work, taken.length);
    const { records, deadLettered, oldestTimestamp } = work;
    return { out, records, deadLettered, oldestTimestamp, handOn };
  }

  /** Called once per transaction. Adds the state changes, and reports why records were dropped, dead-lettered or routed. */
  finish(out: ProducerRecord[]): void {
    this.#store.drainChangelog(out);
    this.#store.drainEvicted((reason, count) => {
      this.#countReason('evict', '', reason, count);
    });
    this.#reportReasons();
  }

  async #prepareCodec(slice: Slice): Promise<void> {
    const codec = this.#codecs.get(slice.from);
    if (codec?.prepare === undefined) return;
    const values: Buffer[] = [];
    for (const { value } of slice.records) if (value !== null) values.push(value);
    await codec.prepare(values);
  }

  #read({ source, from }: Slice, raw: RawRecord, work: BatchWork<In>): void {
    countRecord(work, raw.timestamp);
    const { key, value: bytes } = raw;
    if (key === null || bytes === null) {
      const [reason, detail] = key === null ? noKey : noValue;
      this.#bury(asCause(source, raw), raw, reason, detail, work);
      return;
    }
    if (key.length > maxKeyBytes) {
      const detail = `its key has ${key.length} bytes; at most ${maxKeyBytes} are accepted`;
      this.#bury(asCause(source, raw), raw, 'key-too-long', detail, work);
      return;
    }
    if (this.#poison.size > 0 && this.#isPoison(asCause(source, raw), raw, work)) return;
    let value: unknown;
    try {
      value = this.#codecs.get(from)?.decode(bytes);
    } catch (error) {
      this.#bury(asCause(source, raw), raw, 'undecodable', messageOf(error), work);
      return;
    }
    work.taken.push({
      // The binding of this input states that its codec returns this input's values.
      input: { from, value } as In,
      key: key.toString(),
      timestamp: raw.timestamp,
      topic: source.topic,
      partition: source.partition,
      offset: raw.offset,
      headers: raw.headers,
      raw,
      handedOn: undefined,
    });
  }

  #takeOver(handedOn: HandedOn, work: BatchWork<In>): void {
    const { before } = this.#neighbours;
    if (before === undefined) throw new Error(`${this.#processor.step.name} has no step before it`);
    const { topic, partition } = before.source;
    const { written, value, offset } = handedOn;
    const timestamp = written.timestamp ?? 0;
    countRecord(work, timestamp);
    if (this.#poison.size > 0) {
      const cause = { topic, partition, offset, handedOn };
      if (this.#isPoison(cause, asRead(handedOn), work)) return;
    }
    work.taken.push({
      // The binding of this input states that the records of its topic are this input's values.
      input: { from: before.from, value } as In,
      key: written.key as string,
      timestamp,
      topic,
      partition,
      offset,
      headers: written.headers,
      raw: undefined,
      handedOn,
    });
  }

  #isPoison(cause: Cause, raw: RawRecord, work: BatchWork<In>): boolean {
    const why = this.#poison.get(`${this.#processor.step.name} ${poisonKey(cause)}`);
    if (why === undefined) return false;
    this.#bury(cause, raw, 'step-failed', why, work);
    return true;
  }

  #process(record: TakenRecord<In>, extra: Extra, nextOffset: number, work: BatchWork<In>): void {
    let outcome;
    try {
      outcome = this.#processor.step.process(record, this.#store.touch(record.key), extra);
      if (outcome.kind === 'emit') this.#emit(outcome.records, record, nextOffset, work);
    } catch (cause) {
      throw new StepFailure(this.#processor.step.name, poisonKey(record), cause);
    }
    switch (outcome.kind) {
      case 'emit':
        for (const reason of outcome.evicted ?? none) this.#countReason('evict', '', reason);
        this.#breaker.count(false, record, record.key, record.raw);
        return;
      case 'drop':
        this.#countReason('drop', '', outcome.reason);
        this.#breaker.count(false, record, record.key, record.raw);
        return;
      case 'dead-letter': {
        const raw = record.raw ?? (record.handedOn === undefined ? undefined : asRead(record.handedOn));
        if (raw !== undefined) this.#bury(record, raw, outcome.reason, outcome.detail, work);
      }
    }
  }

  #emit(outputs: readonly Out[], cause: TakenRecord<In>, nextOffset: number, work: BatchWork<In>): void {
    const { after } = this.#neighbours;
    let nth = 0;
    for (const output of outputs) {
      const written = this.#encode(output, cause);
      work.out.push(written);
      if (written.topic !== after?.source.topic) continue;
      if (output.key !== cause.key)
        throw new StreamError(
          'STEP_FAILED',
          `the input record has the key ${cause.key} and its output the key ${output.key}: within a chain, the key must stay`,
        );
      const offset = nextOffset + work.handOn.length;
      work.handOn.push({ written, value: output.value, offset, cause, nth: nth++ });
    }
  }

  #encode(output: Out, cause: TakenRecord<In>): ProducerRecord {
    const binding = this.#outputs.get(output.to);
    if (binding === undefined) {
      throw new StreamError(
        'STEP_FAILED',
        `step ${this.#processor.step.name} has no output named ${output.to}`,
      );
    }
    const value = binding.codec.encode(output.value);
    const bytes = value.length + Buffer.byteLength(output.key);
    if (bytes > maxRecordBytes)
      throw new StreamError(
        'STEP_FAILED',
        `its record for ${output.to} has ${bytes} bytes: a broker accepts at most ${maxRecordBytes}`,
      );
    if (output.reason !== undefined) this.#countReason('output', output.to, output.reason);
    const { topic } = binding;
    const { key, timestamp } = output;
    const headers = this.#headers(binding.headers, cause.headers);
    const { after } = this.#neighbours;
    return topic === after?.source.topic
      ? { topic, partition: after.source.partition, key, value, timestamp, headers }
      : { topic, key, value, timestamp, headers };
  }

  #headers(
    fixed: Readonly<Record<string, string>> | undefined,
    given: Headers | undefined,
  ): Readonly<Record<string, Buffer | string>> {
    let headers: Record<string, Buffer | string> | undefined;
    if (given !== undefined) {
      for (const name of this.#settings.carryHeaders) {
        const value = given[name];
        if (value !== undefined && value.length <= maxCarriedBytes) (headers ??= { ...fixed })[name] = value;
      }
    }
    return headers ?? fixed ?? noHeaders;
  }

  #bury(cause: Cause, raw: RawRecord, reason: string, detail: string, work: BatchWork<In>): void {
    const step = this.#processor.step.name;
    const { topic, partition, offset } = cause;
    const letter = { source: { topic, partition }, offset, step, reason, detail };
    const { deadLetterTopic, maxDeadLetterBytes } = this.#settings;
    work.out.push(toDeadLetter(deadLetterTopic, raw, letter, maxDeadLetterBytes));
    work.deadLettered += 1;
    this.#countReason('dead-letter', '', reason);
    if (work.isRead) this.#countDeath(cause, raw);
    else work.deaths.push({ before: work.taken.length, cause, raw });
  }

  /** Counts the records that died while they were read, so that the breaker sees all records in their order. */
  #countDeaths(work: BatchWork<In>, index: number): void {
    for (let next = work.deaths[0]; next?.before === index; next = work.deaths[0]) {
      work.deaths.shift();
      this.#countDeath(next.cause, next.raw);
    }
  }

  #countDeath(cause: Cause, raw: RawRecord): void {
    this.#breaker.count(true, cause, raw.key?.toString() ?? '', raw);
  }

  #countReason(kind: ReasonKind, output: string, reason: string, count = 1): void {
    if (this.#observer.reasons === undefined) return;
    const key = `${kind}\n${output}\n${reason}`;
    this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + count);
  }

  #reportReasons(): void {
    for (const [key, count] of this.#reasons) {
      const [kind, output, reason] = key.split('\n') as [ReasonKind, string, string];
      this.#observer.reasons?.(
        this.#processor.step.name,
        kind,
        output === '' ? undefined : output,
        reason,
        count,
      );
    }
    this.#reasons.clear();
  }
}

const asCause = (source: TopicPartition, { offset }: RawRecord): Cause => ({
  ...source,
  offset,
  handedOn: undefined,
});

const noKey = ['no-key', 'the record has no key'] as const;
const noValue = ['no-value', 'the record has no value'] as const;

const none: readonly string[] = [];
const noHeaders: Readonly<Record<string, Buffer | string>> = {};
