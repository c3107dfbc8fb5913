/**
 * Collects records into requests. One request is in flight while the next is collected. So an asset's order on the topic is
 * the source's order, and at most two requests are in memory. An MES event is acknowledged before any reading that follows
 * it is sent. The sender waits for a broker that is unreachable and then sends the request again. Validation recognizes the
 * repeats by their sequence numbers.
 */
import { Backoff } from '../../base/retry.ts';
import { StreamError, type Producer, type ProducerRecord } from '../../stream/index.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Instruments } from '../../telemetry/metrics.ts';
import type { EncodedRecord } from './record-encoder.ts';
import { faultRates } from '../faults/fault-kinds.ts';
import { kindOf, type LiveRecord, type Source, type SourceProgress } from '../source.ts';

export interface SenderOptions {
  readonly source: Source;
  readonly producer: Producer;
  /** Ends the wait for a broker that is unreachable. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PublishProgress) => void;
  /** Called when the broker does not accept records, and with undefined when it accepts them again. */
  readonly onUnaccepted?: (unaccepted: Unaccepted | undefined) => void;
  readonly log?: Logger;
  readonly metrics?: Pick<Instruments, 'sourceRecords' | 'sourceFaults' | 'sourceMalformed'>;
}

/** Records wait, because the broker is unreachable. */
export interface Unaccepted {
  /** ms since the epoch */
  readonly since: number;
  readonly why: string;
}

export interface Published {
  readonly sensorReadings: number;
  readonly mesEvents: number;
  readonly qualityLabels: number;
  /** Records on the readings' topic that cannot be decoded; they do not count as readings. */
  readonly undecodable: number;
}

export interface PublishProgress extends SourceProgress {
  /** Records that Kafka has acknowledged so far. */
  readonly published: Published;
}

/** A broker accepts 1 MiB per partition and request; all records of a request may be for one partition. */
const requestBytes = 512 * 1024;
const requestRecords = 1000;
const pauses = { first: 100, longest: 5_000 };

type Acknowledge = () => Promise<void>;

interface Request {
  readonly events: ProducerRecord[];
  readonly others: ProducerRecord[];
  readonly counts: { -readonly [K in keyof Published]: number };
  bytes: number;
  /** Called when Kafka has acknowledged the request. */
  acknowledge: Acknowledge | undefined;
}

const noRecords = () => ({ sensorReadings: 0, mesEvents: 0, qualityLabels: 0, undecodable: 0 });
const newRequest = (): Request => ({
  events: [],
  others: [],
  counts: noRecords(),
  bytes: 0,
  acknowledge: undefined,
});
const sizeOf = ({ events, others }: Request): number => events.length + others.length;

export class Sender {
  readonly #options: SenderOptions;
  readonly published = noRecords();
  resent = 0;
  #request = newRequest();
  #underway: Promise<void> = Promise.resolve();
  #reported: Readonly<Record<string, number>> = {};

  readonly #onFailure: (() => void) | undefined;

  /** @param onFailure called when a request has failed finally; the next `flush` or `drain` throws the error */
  constructor(options: SenderOptions, onFailure?: () => void) {
    this.#options = options;
    this.#onFailure = onFailure;
  }

  isFull({ value }: EncodedRecord): boolean {
    const records = sizeOf(this.#request);
    return records >= requestRecords || (records > 0 && this.#request.bytes + value.length > requestBytes);
  }

  add(record: LiveRecord, message: EncodedRecord): void {
    const request = this.#request;
    // An event may overtake earlier readings, because it applies from its own event time on.
    (record.topic === 'mesEvents' ? request.events : request.others).push(message);
    request.counts[record.value === null ? 'undecodable' : record.topic]++;
    request.bytes += message.value.length;
  }

  /** Calls `acknowledge` once Kafka has acknowledged all records added so far. Only the latest call counts. */
  whenAcknowledged(acknowledge: Acknowledge): void {
    this.#request.acknowledge = acknowledge;
  }

  /** Sends the collected records after the request before is acknowledged. Does not wait for their own acknowledgement. */
  async flush(): Promise<void> {
    await this.#underway;
    const request = this.#request;
    if (sizeOf(request) === 0 && request.acknowledge === undefined) return;
    this.#request = newRequest();
    this.#underway = this.#send(request);
    // The next flush throws the error. A live source may be quiet until then, so `onFailure` reports it at once.
    this.#underway.catch(() => this.#onFailure?.());
  }

  /** Sends all collected records and waits until Kafka has acknowledged them. */
  async drain(): Promise<void> {
    await this.flush();
    await this.#underway;
  }

  async #send({ events, others, counts, acknowledge }: Request): Promise<void> {
    if (events.length > 0) await this.#sendSurely(events);
    if (others.length > 0) await this.#sendSurely(others);
    await acknowledge?.();
    this.#report(counts);
  }

  async #sendSurely(records: readonly ProducerRecord[]): Promise<void> {
    const { producer, signal, log, source, onUnaccepted } = this.#options;
    const backoff = new Backoff(pauses);
    for (;;) {
      try {
        await producer.send(records);
        if (backoff.failures === 0) return;
        log?.info({ source: source.name }, 'the broker accepts records again');
        onUnaccepted?.(undefined);
        return;
      } catch (error) {
        const mayReturn = error instanceof StreamError && error.code === 'BROKER_UNAVAILABLE';
        if (!mayReturn || signal?.aborted === true) throw error;
        if (backoff.failures === 0) {
          log?.warn({ source: source.name, err: error }, 'the broker is unreachable; waiting for it');
          onUnaccepted?.({ since: Date.now(), why: error.message });
        }
        this.resent++;
        await backoff.pause();
      }
    }
  }

  #report(sent: Published): void {
    const { source, metrics, onProgress } = this.#options;
    const kind = kindOf(source);
    for (const topic of ['sensorReadings', 'mesEvents', 'qualityLabels', 'undecodable'] as const) {
      this.published[topic] += sent[topic];
      if (sent[topic] > 0) metrics?.sourceRecords.add(sent[topic], { source: kind, topic });
    }
    if (metrics !== undefined) {
      const counts = source.counts();
      for (const [reason, count] of Object.entries(counts)) {
        const more = count - (this.#reported[reason] ?? 0);
        if (more <= 0) continue;
        if (reason in faultRates) metrics.sourceFaults.add(more, { kind: reason });
        else metrics.sourceMalformed.add(more, { source: kind, reason });
      }
      this.#reported = counts;
    }
    onProgress?.({ ...source.progress(), published: { ...this.published } });
  }
}
