/** The source db: reads stored history from the database, that is validated readings, events and labels. */
import { isKnownAsset } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { OfflineRecord } from '../../processors/offline.ts';
import type { MesEvent, QualityLabel, ValidatedReading } from '../../schemas/generated/types.ts';
import { given, type KeptKind } from '../kind.ts';
import type { Replayable } from '../source.ts';
import { amongEvents, nothingKept, ReadingProgress, type KeptSpan, type OnRead } from './kept-span.ts';

export interface StoredQuery extends KeptSpan {
  /** The tags, in the order in which readings list them. */
  readonly tags: readonly string[];
}

export type StoredRecord =
  | { readonly topic: 'qualityLabels'; readonly value: QualityLabel }
  | { readonly topic: 'mesEvents'; readonly value: MesEvent }
  | { readonly topic: 'validatedReadings'; readonly value: ValidatedReading };

/** Reads the tables. Sources contain no SQL; the program that opens one provides this. */
export interface StoredReadings {
  /** First and last event time of the requested readings, ms since the epoch; undefined when there are none. */
  span(query: StoredQuery): Promise<{ readonly from: number; readonly to: number } | undefined>;
  /** All labels, all events, then the readings by event time, as they are stored when the iteration begins. */
  history(query: StoredQuery): AsyncIterable<readonly StoredRecord[]>;
}

export const db: KeptKind = {
  is: 'kept',
  help: 'the records in the database of a running Castwatch',
  flags: ['since', 'until'],
  open: async (definition, { since, until }, { stored, onRead }) =>
    databaseHistory(await given(stored, 'a database')(), definition, { since, until }, onRead),
};

/**
 * Gives the stored records as they are when an iteration begins. They are not validated again, so stored repairs remain.
 * @throws CastwatchError, from the iteration: INPUT when there is no reading, or as `stored` throws
 */
export function databaseHistory(
  stored: StoredReadings,
  definition: ProcessDefinition,
  span: KeptSpan = {},
  onRead?: OnRead,
): Replayable<OfflineRecord> {
  const query = { tags: definition.tags.map(({ id }) => id), ...span };
  const progress = new ReadingProgress(onRead);
  return {
    kind: 'replayable',
    name: 'db:validated_readings',
    progress: () => progress.now(),
    counts: () => ({}),
    malformed: () => ({}),
    async *[Symbol.asyncIterator]() {
      progress.restart();
      const whole = await stored.span(query);
      const events: (OfflineRecord & { topic: 'mesEvents' })[] = [];
      let withEvents: ReturnType<typeof amongEvents> | undefined;
      let taken = 0;
      for await (const batch of stored.history(query)) {
        const readings: OfflineRecord[] = [];
        for (const record of batch) {
          // The tables do not contain the time of publication. No output depends on it.
          const published = { ...record, timestamp: record.value.eventTime };
          // The tables may contain other processes. Their assets are left out here.
          if (!isKnownAsset(definition, record.value.asset)) continue;
          if (published.topic === 'mesEvents') events.push(published);
          else readings.push(published);
        }
        if (batch[0]?.topic === 'validatedReadings') {
          withEvents ??= amongEvents(events);
          taken += readings.length;
        }
        yield progress.give(withEvents === undefined ? readings : withEvents(readings));
        const last = batch.at(-1);
        if (whole !== undefined && last?.topic === 'validatedReadings')
          progress.reach((last.value.eventTime - whole.from) / Math.max(1, whole.to - whole.from));
      }
      if (taken === 0) throw nothingKept('the table validated_readings', span);
    },
  };
}
