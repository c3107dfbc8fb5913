/**
 * Record headers: CloudEvents' attributes in binary mode (Kafka protocol binding 1.0.2) and what Avro needs.
 *
 * What is the same for all records of a topic is one shared object. `ce_id` is not among it: a record that a
 * step writes is identified by topic, partition and offset, and a source adds the id of what it measured.
 * `ce_time` is when a source published; the runtime carries it to what comes of the record.
 */
import { topics, type AvroTopicId } from './catalogue.ts';

export const cloudEventHeaders = ['ce_id', 'ce_source', 'ce_type', 'ce_specversion', 'ce_time'] as const;

export type FixedHeaders = Readonly<
  Record<'ce_specversion' | 'ce_type' | 'ce_source' | 'content-type', string>
>;

/** @param source a URI reference naming the writer, such as `/castwatch/validate` */
export function fixedHeaders(topic: AvroTopicId, source: string): FixedHeaders {
  return Object.freeze({
    ce_specversion: '1.0',
    ce_type: eventType(topic),
    ce_source: source,
    'content-type': 'application/avro',
  });
}

/** `sensor-readings.v1` → `castwatch.sensor-readings.v1` */
export const eventType = (topic: AvroTopicId): string => `castwatch.${topics[topic].name}`;

/** With `ce_source` it is unique for each event, and the same when the event is sent again. */
export const eventId = (event: {
  readonly asset: string;
  readonly source: string;
  readonly sequence: number;
}): string => `${event.asset}#${event.source}#${event.sequence}`;
