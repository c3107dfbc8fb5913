/**
 * Puts a source's records on their topics, in order.
 *
 * Delivery: every record at least once, acknowledged by all in-sync replicas. One request is under way at a
 * time while the next is being encoded, so an asset's order on the topic is the source's, and no more than two
 * requests' worth is in memory. An MES event is acknowledged before any reading that follows it is sent. An
 * unreachable broker is waited for; what was under way is then sent again, and validation knows the repeats by
 * their sequence numbers. Nothing is kept between runs: publishing a file again gives the same identities.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventId, fixedHeaders } from '../schemas/headers.ts';
import { topicNames } from '../schemas/catalogue.ts';
import type { Serde } from '../schemas/serde.ts';
import { type Producer, type ProducerRecord, StreamError } from '../stream/index.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Malformed } from '../base/malformed.ts';
import type { Instruments } from '../telemetry/metrics.ts';
import { noTracing, type Tracing } from '../telemetry/tracing.ts';
import { faultRates } from './faults/kinds.ts';
import { createPace, type Speed } from './pace.ts';
import { keyOf, type Source, type SourceProgress, type SourceRecord } from './source.ts';

export interface PublishOptions {
  readonly source: Source;
  readonly producer: Producer;
  /** Made ready by the caller. */
  readonly serde: Serde;
  /** Of the topics' names. */
  readonly prefix?: string;
  /** Default 1. */
  readonly speed?: Speed;
  /** Ends it: what has been taken from the source is still sent and acknowledged. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PublishProgress) => void;
  readonly log?: Logger;
  readonly metrics?: Pick<Instruments, 'sourceRecords' | 'sourceFaults' | 'sourceMalformed'>;
  readonly tracing?: Tracing;
}

export interface Published {
  readonly sensorReadings: number;
  readonly mesEvents: number;
  readonly qualityLabels: number;
  /** On the readings' topic, not counted as readings. */
  readonly undecodable: number;
}

export interface PublishProgress extends SourceProgress {
  /** Acknowledged so far. */
  readonly published: Published;
}

export interface PublishSummary {
  readonly source: string;
  readonly published: Published;
  /** The source's own: malformed rows, faults put in. */
  readonly counts: Readonly<Record<string, number>>;
  /** What the source could not read. */
  readonly malformed: Malformed;
  /** Requests that had to be sent again; their records may be on the topic twice. */
  readonly resent: number;
  /** False when it was ended before the source's end. */
  readonly complete: boolean;
  readonly seconds: number;
}

/** A broker takes 1 MiB per partition and request, and all of a request may be for one. */
const requestBytes = 512 * 1024;
const requestRecords = 1000;
const firstPause = 100;
const longestPause = 5_000;

type Topic = SourceRecord['topic'];

/** @throws StreamError when the broker refuses for good, or is unreachable when the signal aborts */
export async function publish(options: PublishOptions): Promise<PublishSummary> {
  const { source, signal } = options;
  const start = performance.now();
  const pace = createPace(options.speed ?? 1, signal);
  const encode = createEncoder(options);
  const sender = new Sender(options);
  let complete = true;
  for await (const batch of source) {
    for (const record of batch) {
      if (pace.wait(record) > 0) {
        await sender.flush();
        await pace.reach(record);
      }
      if (signal?.aborted === true) break;
      const message = encode(record);
      if (sender.isFull(message)) await sender.flush();
      sender.add(record, message);
    }
    if (signal?.aborted === true) {
      complete = false;
      break;
    }
  }
  await sender.drain();
  return {
    source: source.name,
    published: { ...sender.published },
    counts: source.counts(),
    malformed: source.malformed?.() ?? {},
    resent: sender.resent,
    complete,
    seconds: (performance.now() - start) / 1000,
  };
}

/** CloudEvents in binary mode; `ce_time` is the moment of publication. */
function createEncoder({ source, serde, prefix = '', tracing = noTracing }: PublishOptions) {
  const names = topicNames(prefix);
  const codecs = {
    sensorReadings: serde.codec('sensorReadings'),
    mesEvents: serde.codec('mesEvents'),
    qualityLabels: serde.codec('qualityLabels'),
  };
  const fixed = (topic: Topic) => fixedHeaders(topic, `/castwatch/${source.name}`);
  const headers = {
    sensorReadings: fixed('sensorReadings'),
    mesEvents: fixed('mesEvents'),
    qualityLabels: fixed('qualityLabels'),
  };
  let clock = 0;
  let time = '';
  const now = (): string => {
    const present = Date.now();
    if (present !== clock) time = new Date((clock = present)).toISOString();
    return time;
  };
  const value = (record: SourceRecord): Buffer => {
    if (record.value === null) return record.bytes;
    if (record.topic === 'sensorReadings') return codecs.sensorReadings.encode(record.value);
    if (record.topic === 'mesEvents') return codecs.mesEvents.encode(record.value);
    return codecs.qualityLabels.encode(record.value);
  };
  return (record: SourceRecord): ProducerRecord & { readonly value: Buffer } => {
    const key = keyOf(record);
    const trace = tracing.publishHeaders(names[record.topic], key);
    const own = { ...headers[record.topic], ce_id: identity(record), ce_time: now(), ...trace };
    return {
      topic: names[record.topic],
      key,
      value: value(record),
      timestamp: record.timestamp,
      headers: own,
    };
  };
}

function identity(record: SourceRecord): string {
  if (record.value === null) return `${record.key}#undecodable#${record.timestamp}`;
  if (record.topic !== 'qualityLabels') return eventId(record.value);
  return `${record.value.asset}#${record.value.target}#${record.value.eventTime}`;
}

/** Collects requests and keeps one of them under way. */
class Sender {
  readonly #options: PublishOptions;
  readonly published = { sensorReadings: 0, mesEvents: 0, qualityLabels: 0, undecodable: 0 };
  resent = 0;
  #events: ProducerRecord[] = [];
  #others: ProducerRecord[] = [];
  #pending = { sensorReadings: 0, mesEvents: 0, qualityLabels: 0, undecodable: 0 };
  #bytes = 0;
  #underway: Promise<void> = Promise.resolve();
  #reported: Readonly<Record<string, number>> = {};

  constructor(options: PublishOptions) {
    this.#options = options;
  }

  isFull({ value }: { readonly value: Buffer }): boolean {
    const records = this.#events.length + this.#others.length;
    return records >= requestRecords || (records > 0 && this.#bytes + value.length > requestBytes);
  }

  add(record: SourceRecord, message: ProducerRecord & { readonly value: Buffer }): void {
    // an event may overtake earlier readings: it is looked up by its own time
    (record.topic === 'mesEvents' ? this.#events : this.#others).push(message);
    this.#pending[record.value === null ? 'undecodable' : record.topic]++;
    this.#bytes += message.value.length;
  }

  /** Sends what has been collected once the request before is acknowledged; does not wait for its own. */
  async flush(): Promise<void> {
    await this.#underway;
    if (this.#events.length + this.#others.length === 0) return;
    const [events, others, pending] = [this.#events, this.#others, this.#pending];
    this.#events = [];
    this.#others = [];
    this.#pending = { sensorReadings: 0, mesEvents: 0, qualityLabels: 0, undecodable: 0 };
    this.#bytes = 0;
    this.#underway = this.#send(events, others, pending);
    // it is awaited by the next flush; until then a failure must not count as unhandled
    this.#underway.catch(() => undefined);
  }

  /** Everything sent and acknowledged. */
  async drain(): Promise<void> {
    await this.flush();
    await this.#underway;
  }

  async #send(
    events: readonly ProducerRecord[],
    others: readonly ProducerRecord[],
    sent: Published,
  ): Promise<void> {
    if (events.length > 0) await this.#sendSurely(events);
    if (others.length > 0) await this.#sendSurely(others);
    this.#report(sent);
  }

  async #sendSurely(records: readonly ProducerRecord[]): Promise<void> {
    const { producer, signal, log, source } = this.#options;
    for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
      try {
        await producer.send(records);
        if (pause > firstPause) log?.info({ source: source.name }, 'the broker takes records again');
        return;
      } catch (error) {
        const mayReturn = error instanceof StreamError && error.code === 'BROKER_UNAVAILABLE';
        if (!mayReturn || signal?.aborted === true) throw error;
        if (pause === firstPause)
          log?.warn({ source: source.name, err: error }, 'the broker takes no records; waiting for it');
        this.resent++;
        await sleep(pause);
      }
    }
  }

  #report(sent: Published): void {
    const { source, metrics, onProgress } = this.#options;
    const kind = source.name.split(':')[0] ?? source.name;
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
