/** History in the database: readings that validation has let through, with events and labels. */
import { isKnownAsset } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { OfflineRecord } from '../../processors/offline.ts';
import type { MesEvent, QualityLabel, ValidatedReading } from '../../schemas/generated/types.ts';
import { given, type KeptKind } from '../kind.ts';
import type { Replayable } from '../source.ts';
import { amongEvents, nothingKept, ReadingProgress, type KeptSpan, type OnRead } from './history.ts';

export interface StoredQuery extends KeptSpan {
  /** In the order in which readings name them. */
  readonly tags: readonly string[];
}

export type StoredRecord =
  | { readonly topic: 'qualityLabels'; readonly value: QualityLabel }
  | { readonly topic: 'mesEvents'; readonly value: MesEvent }
  | { readonly topic: 'validatedReadings'; readonly value: ValidatedReading };

/** What reads the tables. Sources know no SQL: the program that opens one passes this in. */
export interface StoredReadings {
  /** First and last event time of the readings that are wanted, ms; undefined when there are none. */
  span(query: StoredQuery): Promise<{ readonly from: number; readonly to: number } | undefined>;
  /** All labels, all events, then the readings in order of event time; as of when it begins. */
  history(query: StoredQuery): AsyncIterable<readonly StoredRecord[]>;
}

export const db: KeptKind = {
  is: 'kept',
  help: 'what the database of a running Castwatch has stored',
  flags: ['since', 'until'],
  open: async (definition, { since, until }, { stored, onRead }) =>
    databaseHistory(await given(stored, 'a database')(), definition, { since, until }, onRead),
};

/**
 * As of when an iteration begins. Validation is not done again: what it repaired then stays so.
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
          // No output depends on the time of publication, which the tables do not have.
          const published = { ...record, timestamp: record.value.eventTime };
          // Tables may hold several processes; here nothing has refused the assets of others.
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
