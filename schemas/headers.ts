/**
 * Record headers: CloudEvents' attributes in binary mode (Kafka protocol binding 1.0.2) and what Avro needs.
 *
 * Headers that are the same for all records of a topic are one shared object. `ce_id` is not one of them: a record that a
 * step writes is identified by topic, partition and offset, and a source adds the id of what it measured.
 * `ce_time` is the time when a source published; the runtime copies it to all records derived from that record.
 */
import { topics, type AvroTopicId } from './catalogue.ts';
import type { QualityLabel } from './generated/types.ts';

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

/** Together with `ce_source`, it is unique for each event, and the same when the event is sent again. */
export const labelId = ({
  asset,
  target,
  eventTime,
}: Pick<QualityLabel, 'asset' | 'target' | 'eventTime'>): string => `${asset}#${target}#${eventTime}`;

/** Together with `ce_source`, it is unique for each event, and the same when the event is sent again. */
export const eventId = (event: {
  readonly asset: string;
  readonly source: string;
  readonly sequence: number;
}): string => `${event.asset}#${event.source}#${event.sequence}`;
