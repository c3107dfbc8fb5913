/** The small plant's history as a source: all cells together, in the order of publishing. */
import type { LabelRecord, ReadingRecord, Replayable } from '../../sources/source.ts';
import { history } from '../models/small-plant.ts';

export interface SmallSource {
  readonly cells: number;
  readonly minutes: number;
  readonly seed: number;
  /** Begins so many minutes later than the first history does. */
  readonly after?: number;
}

const perBatch = 50;

export function smallSource({ cells, minutes, seed, after = 0 }: SmallSource): Replayable {
  const shift = after * 60_000;
  const all = [...history(cells, minutes, seed)].flat().toSorted((a, b) => a.timestamp - b.timestamp);
  const start = all[0]?.timestamp ?? 0;
  const records = all.flatMap((record): (ReadingRecord | LabelRecord)[] => {
    const published = { timestamp: record.timestamp + shift, due: record.timestamp - start };
    if (record.topic === 'sensorReadings' && record.value !== null) {
      const { value } = record;
      const sequence = value.sequence + 1_000_000 * after;
      return [
        {
          topic: 'sensorReadings',
          ...published,
          value: { ...value, eventTime: value.eventTime + shift, sequence },
        },
      ];
    }
    if (record.topic !== 'qualityLabels') return [];
    const { value } = record;
    const times = {
      eventTime: value.eventTime + shift,
      until: value.until + shift,
      foundAt: value.foundAt + shift,
    };
    return [{ topic: 'qualityLabels', ...published, value: { ...value, ...times } }];
  });
  let given = 0;
  return {
    kind: 'replayable',
    name: 'small plant',
    progress: () => ({ records: given, share: given / records.length, timestamp: undefined }),
    counts: () => ({}),
    async *[Symbol.asyncIterator]() {
      given = 0;
      for (let from = 0; from < records.length; from += perBatch) {
        const batch = records.slice(from, from + perBatch);
        given += batch.length;
        yield await Promise.resolve(batch);
      }
    },
  };
}
