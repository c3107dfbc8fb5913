/**
 * The settings with which a topic is made.
 *
 * By default, topics are kept by size. Kafka computes a record's age from the record's own timestamp, and our timestamps
 * come from the source. If topics were kept by age, the broker would delete a replay of last year's data before any consumer
 * has read it. Keep by age only in plants that never replay history. For the same reason the broker must not refuse a
 * record with a timestamp in the future: validation decides about that, record by record.
 */
import type { TopicEntry } from './catalogue.ts';

export interface Keeping {
  readonly retention: 'by-size' | 'by-age';
  /** Whose time records of producers have. */
  readonly clock: 'source' | 'broker';
}

/** Returns Kafka's topic configuration for an entry of the catalogue. */
export function topicConfig(
  entry: TopicEntry,
  replicas: number,
  retention: Keeping['retention'],
  clock: Keeping['clock'] = 'source',
): Readonly<Record<string, string>> {
  const always = {
    'cleanup.policy': entry.cleanup,
    // With three replicas, one may be unavailable; with fewer, all are needed.
    'min.insync.replicas': replicas >= 3 ? '2' : '1',
    'message.timestamp.after.max.ms': '9223372036854775807',
    ...(clock === 'broker' && entry.fromOutside && { 'message.timestamp.type': 'LogAppendTime' }),
    ...(entry.maxMessageBytes === undefined ? {} : { 'max.message.bytes': String(entry.maxMessageBytes) }),
  };
  if (entry.historyDays !== undefined) {
    // There are few records, and an operator may ask for each of them.
    return { ...always, 'min.compaction.lag.ms': String(entry.historyDays * 86_400_000) };
  }
  if (entry.cleanup === 'compact') {
    return {
      ...always,
      // A changelog is read in full at every take-over, so keep it close to one record per key.
      'min.cleanable.dirty.ratio': '0.1',
      'segment.ms': String(10 * 60_000),
      'segment.bytes': String(64 * 1024 ** 2),
      'max.compaction.lag.ms': String(60 * 60_000),
    };
  }
  const bytes = { 'retention.ms': '-1', 'retention.bytes': String((entry.retentionGiB ?? 1) * 1024 ** 3) };
  const age = { 'retention.ms': String((entry.retentionDays ?? 7) * 86_400_000), 'retention.bytes': '-1' };
  return { ...always, ...(retention === 'by-size' ? bytes : age) };
}
