/** The source topic: reads history from the input topics, as far back as the broker keeps it. */
import { messageOf } from '../../base/text.ts';
import type { MalformedCount } from '../../base/malformed.ts';
import type { OfflineRecord } from '../../processors/offline.ts';
import type { TopicNames } from '../../schemas/catalogue.ts';
import type { Serde } from '../../schemas/registry/serde.ts';
import type { ValueOf } from '../../schemas/values.ts';
import type { RawRecord, Transport } from '../../stream/index.ts';
import { given, type KeptKind } from '../kind.ts';
import type { Replayable } from '../source.ts';
import {
  amongEvents,
  isWithin,
  nothingKept,
  ReadingProgress,
  type KeptSpan,
  type OnRead,
} from './kept-span.ts';

type InputTopic = 'mesEvents' | 'qualityLabels' | 'sensorReadings';

export interface KeptTopics {
  readonly transport: Transport;
  readonly serde: Serde;
  readonly topics: TopicNames;
}

export const topic: KeptKind = {
  is: 'kept',
  help: 'the records on the input topics of a running Castwatch',
  flags: ['since', 'until'],
  open: async (_definition, span, { topics, onRead }) =>
    topicHistory(await given(topics, 'topics')(), span, onRead),
};

/**
 * Gives every committed record up to the end offsets at the beginning of an iteration. Offsets whose records the broker has
 * deleted are counted, with the place where the topic begins. Records that cannot be decoded are counted too; the pipeline has written them to the dead letters. One partition is in memory at a time.
 * @throws CastwatchError INPUT, from the iteration, when there is no reading
 */
export function topicHistory(
  { transport, serde, topics }: KeptTopics,
  span: KeptSpan = {},
  onRead?: OnRead,
): Replayable<OfflineRecord> {
  const progress = new ReadingProgress(onRead);
  let undecodable: MalformedCount | undefined;
  let deleted: MalformedCount | undefined;

  return {
    kind: 'replayable',
    name: `topic:${topics.sensorReadings}`,
    progress: () => progress.now(),
    counts: () => (undecodable === undefined ? {} : { undecodable: undecodable.count }),
    malformed: () => ({ ...(undecodable && { undecodable }), ...(deleted && { deleted }) }),
    async *[Symbol.asyncIterator]() {
      undecodable = undefined;
      deleted = await deletedBefore();
      progress.restart();
      const ends = {
        readings: await transport.endOffsets(topics.sensorReadings),
        events: await transport.endOffsets(topics.mesEvents),
        labels: await transport.endOffsets(topics.qualityLabels),
      };
      for await (const batch of decoded('qualityLabels', ends.labels))
        yield progress.give(batch.map((each) => ({ topic: 'qualityLabels' as const, ...each })));
      const events: (OfflineRecord & { topic: 'mesEvents' })[] = [];
      for await (const batch of decoded('mesEvents', ends.events))
        for (const each of batch) events.push({ topic: 'mesEvents', ...each });

      const withEvents = amongEvents(events);
      const begins = await transport.beginningOffsets(topics.sensorReadings);
      const sum = (offsets: ReadonlyMap<number, number>): number =>
        [...offsets.values()].reduce((total, offset) => total + offset, 0);
      const all = sum(ends.readings) - sum(begins);
      let [seen, taken] = [0, 0];
      for await (const batch of decoded('sensorReadings', ends.readings)) {
        const wanted = batch
          .filter(({ value }) => isWithin(value.eventTime, span))
          .map((each) => ({ topic: 'sensorReadings' as const, ...each }));
        yield progress.give(withEvents(wanted));
        seen += batch.length;
        taken += wanted.length;
        progress.reach(seen / all);
      }
      progress.reach(1);
      if (taken === 0) throw nothingKept(topics.sensorReadings, span);
    },
  };

  /** Offsets that the topics no longer have, so that nobody takes what is left for all. */
  async function deletedBefore(): Promise<MalformedCount | undefined> {
    let count = 0;
    let example = '';
    for (const id of ['qualityLabels', 'mesEvents', 'sensorReadings'] as const)
      for (const [partition, beginning] of await transport.beginningOffsets(topics[id])) {
        if (beginning === 0) continue;
        count += beginning;
        example = `${topics[id]}/${partition} before offset ${beginning}`;
      }
    return count === 0 ? undefined : { count, example };
  }

  async function* decoded<T extends InputTopic>(
    id: T,
    ends: ReadonlyMap<number, number>,
  ): AsyncGenerator<readonly Decoded<T>[]> {
    const codec = serde.codec(id);
    const topic = topics[id];
    for (const [partition, end] of ends) {
      const fetched: (readonly RawRecord[])[] = [];
      await transport.read({ topic, partition }, (batch) => {
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
            const example = `${topic}/${partition} offset ${offset}: ${messageOf(error)}`;
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
