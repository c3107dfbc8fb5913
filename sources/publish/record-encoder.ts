/** Turns a source's record into a Kafka record: CloudEvents in binary mode; `ce_time` is the time of publication. */
import { topicNames } from '../../schemas/catalogue.ts';
import { eventId, labelId, fixedHeaders } from '../../schemas/headers.ts';
import type { Serde } from '../../schemas/registry/serde.ts';
import type { ProducerRecord } from '../../stream/index.ts';
import { noTracing, type Tracing } from '../../telemetry/tracing.ts';
import { keyOf, type LiveRecord } from '../source.ts';

export interface EncoderOptions {
  /** The source's name. */
  readonly name: string;
  /** Prepared by the caller. */
  readonly serde: Serde;
  /** The prefix of the topics' names. */
  readonly prefix?: string;
  readonly tracing?: Tracing;
}

export type EncodedRecord = ProducerRecord & { readonly value: Buffer };

export function createEncoder({ name, serde, prefix = '', tracing = noTracing }: EncoderOptions) {
  const names = topicNames(prefix);
  const codecs = {
    sensorReadings: serde.codec('sensorReadings'),
    mesEvents: serde.codec('mesEvents'),
    qualityLabels: serde.codec('qualityLabels'),
  };
  const fixed = (topic: LiveRecord['topic']) => fixedHeaders(topic, `/castwatch/${name}`);
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
  const value = (record: LiveRecord): Buffer => {
    if (record.value === null) return record.bytes;
    if (record.topic === 'sensorReadings') return codecs.sensorReadings.encode(record.value);
    if (record.topic === 'mesEvents') return codecs.mesEvents.encode(record.value);
    return codecs.qualityLabels.encode(record.value);
  };
  return (record: LiveRecord): EncodedRecord => {
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

function identity(record: LiveRecord): string {
  if (record.value === null) return `${record.key}#undecodable#${record.timestamp}`;
  return record.topic === 'qualityLabels' ? labelId(record.value) : eventId(record.value);
}
