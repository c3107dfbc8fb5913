/** History as it lies on the input topics: what sources published, as far as the broker still keeps it. */
import type { OfflineRecord } from '../../processors/offline.ts';
import type { ValueOf } from '../../schemas/values.ts';
import type { RawRecord } from '../../stream/index.ts';
import type { MalformedCount } from '../../base/malformed.ts';
import type { Kafka } from '../connections.ts';
import { amongEvents, isWithin, nothingKept, type KeptHistory, type OnRead, type Span } from './kept.ts';

type InputTopic = 'mesEvents' | 'qualityLabels' | 'sensorReadings';
type Reading = Pick<Kafka, 'transport' | 'serde' | 'topics'>;

/**
 * Every committed record up to the ends as they are when an iteration begins. What cannot be decoded is counted; the
 * pipeline has written it to the dead letters. One partition is in memory at a time.
 * @throws CastwatchError INPUT, from the iteration, when there is no reading
 */
export function topicHistory(kafka: Reading, span: Span = {}, onRead?: OnRead): KeptHistory {
  let undecodable: MalformedCount | undefined;

  return {
    malformed: () => (undecodable === undefined ? {} : { undecodable }),
    async *[Symbol.asyncIterator]() {
      undecodable = undefined;
      const ends = {
        readings: await kafka.transport.endOffsets(kafka.topics.sensorReadings),
        events: await kafka.transport.endOffsets(kafka.topics.mesEvents),
        labels: await kafka.transport.endOffsets(kafka.topics.qualityLabels),
      };
      for await (const batch of decoded('qualityLabels', ends.labels))
        yield batch.map((each) => ({ topic: 'qualityLabels' as const, ...each }));
      const events: (OfflineRecord & { topic: 'mesEvents' })[] = [];
      for await (const batch of decoded('mesEvents', ends.events))
        for (const each of batch) events.push({ topic: 'mesEvents', ...each });

      const withEvents = amongEvents(events);
      const begins = await kafka.transport.beginningOffsets(kafka.topics.sensorReadings);
      const sum = (offsets: ReadonlyMap<number, number>): number =>
        [...offsets.values()].reduce((total, offset) => total + offset, 0);
      const all = sum(ends.readings) - sum(begins);
      let [seen, taken] = [0, 0];
      for await (const batch of decoded('sensorReadings', ends.readings)) {
        const wanted = batch
          .filter(({ value }) => isWithin(value.eventTime, span))
          .map((each) => ({ topic: 'sensorReadings' as const, ...each }));
        yield withEvents(wanted);
        seen += batch.length;
        taken += wanted.length;
        onRead?.(Math.min(1, seen / all));
      }
      onRead?.(1);
      if (taken === 0) throw nothingKept(kafka.topics.sensorReadings, span);
    },
  };

  async function* decoded<T extends InputTopic>(
    id: T,
    ends: ReadonlyMap<number, number>,
  ): AsyncGenerator<readonly Decoded<T>[]> {
    const codec = kafka.serde.codec(id);
    const topic = kafka.topics[id];
    for (const [partition, end] of ends) {
      const fetched: (readonly RawRecord[])[] = [];
      await kafka.transport.read({ topic, partition }, (batch) => {
        fetched.push(batch);
      });
      for (let next = fetched.shift(); next !== undefined; next = fetched.shift()) {
        const records = next.filter(({ offset }) => offset < end);
        await codec.prepare?.(records.flatMap(({ value }) => (value === null ? [] : [value])));
        yield records.flatMap(({ key, value, timestamp, offset }): Decoded<T>[] => {
          try {
            if (value === null) return [];
            return [{ value: codec.decode(value), timestamp, partition, offset, key: key?.toString() ?? '' }];
          } catch (error) {
            const example = `${topic}/${partition} offset ${offset}: ${error instanceof Error ? error.message : String(error)}`;
            undecodable = { count: (undecodable?.count ?? 0) + 1, example: undecodable?.example ?? example };
            return [];
          }
        });
      }
    }
  }
}

interface Decoded<T extends InputTopic> {
  readonly value: ValueOf<T>;
  readonly timestamp: number;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
}
