/**
 * Runs a step over a batch: bytes in, producer records out. Records that cannot be decoded or that the step
 * refuses become dead letters; the breaker counts them.
 */
import type { Breaker } from './breaker.ts';
import { toDeadLetter } from './dead-letters.ts';
import { StreamError, toError } from './errors.ts';
import type { Observer } from './observer.ts';
import type { StateStore } from './state-store.ts';
import type { Codec, Input, Output, Processor, StepRecord } from './step.ts';
import { partitionKey, type ProducerRecord, type RawRecord, type TopicPartition } from './transport.ts';

/** Records of one input, in order. */
export interface Slice {
  readonly from: string;
  readonly source: TopicPartition;
  readonly records: readonly RawRecord[];
}

export interface BatchSettings {
  readonly deadLetterTopic: string;
  /** Headers copied from a record to whatever a step makes of it (trace context, CloudEvents source). */
  readonly carryHeaders: readonly string[];
}

export interface BatchResult {
  readonly out: ProducerRecord[];
  readonly records: number;
  readonly deadLettered: number;
  readonly oldestTimestamp: number;
}

/** Records that made the step throw in an earlier life of the task, by `topic/partition/offset`. */
export type Poison = Map<string, string>;

export const poisonKey = (source: TopicPartition, offset: number): string =>
  `${partitionKey(source)}/${offset}`;

/**
 * A broker takes 1 MiB per record batch (`max.message.bytes`); the rest is for key, headers and framing. A larger record
 * would be refused each time its transaction is tried again.
 */
const maxValueBytes = 1_040_000;

/**
 * The step threw on this record, or made of it what cannot be written. Its state can no longer be trusted; the record
 * will be a dead letter.
 */
export class StepFailure extends StreamError {
  readonly poison: string;

  constructor(step: string, source: TopicPartition, offset: number, cause: unknown) {
    super('STEP_FAILED', `step ${step} failed on ${poisonKey(source, offset)}: ${String(cause)}`, { cause });
    this.poison = poisonKey(source, offset);
  }
}

interface Decoded<In extends Input> {
  readonly raw: RawRecord;
  readonly source: TopicPartition;
  readonly record: StepRecord<In>;
}

export class BatchProcessor<In extends Input, Out extends Output, State, Extra> {
  readonly #processor: Processor<In, Out, State, Extra>;
  readonly #store: StateStore<State>;
  readonly #settings: BatchSettings;
  readonly #breaker: Breaker;
  readonly #observer: Observer;
  readonly #poison: Poison;
  readonly #codecs: ReadonlyMap<string, Codec<unknown>>;
  readonly #outputs: ReadonlyMap<string, Processor<In, Out, State, Extra>['outputs'][Out['to']]>;
  #reasons = new Map<string, number>();

  constructor(
    processor: Processor<In, Out, State, Extra>,
    store: StateStore<State>,
    settings: BatchSettings,
    breaker: Breaker,
    observer: Observer,
    poison: Poison,
  ) {
    this.#processor = processor;
    this.#store = store;
    this.#settings = settings;
    this.#breaker = breaker;
    this.#observer = observer;
    this.#poison = poison;
    const inputs: [string, { codec: Codec<unknown> }][] = Object.entries(processor.inputs);
    this.#codecs = new Map(inputs.map(([from, binding]) => [from, binding.codec]));
    this.#outputs = new Map(Object.entries(processor.outputs));
  }

  /** Rejects with BREAKER_OPEN, STEP_FAILED, or whatever a codec's or the step's `prepare` rejects with. */
  async run(slices: readonly Slice[]): Promise<BatchResult> {
    const out: ProducerRecord[] = [];
    const decoded: Decoded<In>[] = [];
    let records = 0;
    let oldestTimestamp = Number.POSITIVE_INFINITY;
    for (const slice of slices) {
      records += slice.records.length;
      await this.#prepareCodec(slice);
      for (const raw of slice.records) {
        if (raw.timestamp < oldestTimestamp) oldestTimestamp = raw.timestamp;
        this.#decode(slice, raw, decoded, out);
      }
    }
    let deadLettered = records - decoded.length;
    const extras = await this.#processor.step.prepare?.(decoded.map(({ record }) => record));
    for (const [index, item] of decoded.entries()) {
      // A step without `prepare` is declared with Extra = undefined, which this is.
      if (!this.#process(item, extras?.[index] as Extra, out)) deadLettered += 1;
    }
    this.#store.drainChangelog(out);
    this.#reportReasons();
    return { out, records, deadLettered, oldestTimestamp };
  }

  async #prepareCodec(slice: Slice): Promise<void> {
    const codec = this.#codecs.get(slice.from);
    if (codec?.prepare === undefined) return;
    const values: Buffer[] = [];
    for (const { value } of slice.records) if (value !== null) values.push(value);
    await codec.prepare(values);
  }

  #decode(slice: Slice, raw: RawRecord, decoded: Decoded<In>[], out: ProducerRecord[]): void {
    const { source, from } = slice;
    const poisoned = this.#poison.size > 0 ? this.#poison.get(poisonKey(source, raw.offset)) : undefined;
    const flaw = poisoned === undefined ? missing(raw) : (['step-failed', poisoned] as const);
    if (flaw !== undefined || raw.key === null || raw.value === null) {
      this.#bury(source, raw, flaw?.[0] ?? '', flaw?.[1] ?? '', out);
      return;
    }
    let value: unknown;
    try {
      value = this.#codecs.get(from)?.decode(raw.value);
    } catch (cause) {
      this.#bury(source, raw, 'undecodable', toError(cause).message, out);
      return;
    }
    const record = {
      // The binding of this input says that its codec gives this input's values.
      input: { from, value } as In,
      key: raw.key.toString(),
      timestamp: raw.timestamp,
      topic: source.topic,
      partition: source.partition,
      offset: raw.offset,
      headers: raw.headers,
    };
    decoded.push({ raw, source, record });
  }

  /** False when the record died. */
  #process({ raw, source, record }: Decoded<In>, extra: Extra, out: ProducerRecord[]): boolean {
    let outcome;
    try {
      outcome = this.#processor.step.process(record, this.#store.touch(record.key), extra);
      if (outcome.kind === 'emit') for (const output of outcome.records) out.push(this.#encode(output, raw));
    } catch (cause) {
      throw new StepFailure(this.#processor.step.name, source, raw.offset, cause);
    }
    switch (outcome.kind) {
      case 'emit':
        this.#countForBreaker(false);
        return true;
      case 'drop':
        this.#countReason('drop', '', outcome.reason);
        this.#countForBreaker(false);
        return true;
      case 'dead-letter':
        this.#bury(source, raw, outcome.reason, outcome.detail, out);
        return false;
    }
  }

  #encode(output: Out, cause: RawRecord): ProducerRecord {
    const binding = this.#outputs.get(output.to);
    if (binding === undefined) {
      throw new StreamError(
        'STEP_FAILED',
        `step ${this.#processor.step.name} has no output named ${output.to}`,
      );
    }
    // The binding's codec is typed by the same output name.
    const value = (binding.codec as Codec<unknown>).encode(output.value);
    if (value.length > maxValueBytes)
      throw new StreamError(
        'STEP_FAILED',
        `it made a record of ${value.length} bytes for ${output.to}; the most that a broker takes is ${maxValueBytes}`,
      );
    if (output.reason !== undefined) this.#countReason('output', output.to, output.reason);
    return {
      topic: binding.topic,
      key: output.key,
      value,
      timestamp: output.timestamp,
      headers: this.#headers(binding.headers, cause),
    };
  }

  #headers(
    fixed: Readonly<Record<string, string>> | undefined,
    cause: RawRecord,
  ): Readonly<Record<string, Buffer | string>> {
    let headers: Record<string, Buffer | string> | undefined;
    if (cause.headers !== undefined) {
      for (const name of this.#settings.carryHeaders) {
        const value = cause.headers[name];
        if (value !== undefined) (headers ??= { ...fixed })[name] = value;
      }
    }
    return headers ?? fixed ?? noHeaders;
  }

  #bury(source: TopicPartition, raw: RawRecord, reason: string, detail: string, out: ProducerRecord[]): void {
    const step = this.#processor.step.name;
    out.push(
      toDeadLetter(this.#settings.deadLetterTopic, raw, { source, offset: raw.offset, step, reason, detail }),
    );
    this.#countReason('dead-letter', '', reason);
    this.#countForBreaker(true);
  }

  #countForBreaker(died: boolean): void {
    if (!this.#breaker.count(died)) return;
    throw new StreamError(
      'BREAKER_OPEN',
      `step ${this.#processor.step.name}: ${this.#breaker.describe()} could not be processed; ` +
        'the task stands still and has committed none of this batch. Mend the producer or the step and restart.',
    );
  }

  #countReason(kind: 'drop' | 'dead-letter' | 'output', output: string, reason: string): void {
    if (this.#observer.reasons === undefined) return;
    const key = `${kind}\n${output}\n${reason}`;
    this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + 1);
  }

  #reportReasons(): void {
    for (const [key, count] of this.#reasons) {
      const [kind, output, reason] = key.split('\n') as ['drop' | 'dead-letter' | 'output', string, string];
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

/** Reason and detail for a record that lacks what every record needs. */
function missing({ key, value }: RawRecord): readonly [string, string] | undefined {
  if (key === null) return ['no-key', 'the record has no key'];
  if (value === null) return ['no-value', 'the record has no value'];
  return undefined;
}

const noHeaders: Readonly<Record<string, Buffer | string>> = {};
