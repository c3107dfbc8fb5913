/** History as it lies in the database: readings that validation has let through, with events and labels beside them. */
import type { Pool } from 'pg';
import { isKnownAsset } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { OfflineRecord } from '../../processors/offline.ts';
import { storedHistory, storedSpan } from '../../sinks/timescale/queries/history.ts';
import { amongEvents, nothingKept, type KeptHistory, type OnRead, type Span } from './kept.ts';

/**
 * As of when an iteration begins. Validation is not done again: what it repaired then stays so.
 * @throws CastwatchError, from the iteration: INPUT when there is no reading, or as {@link storedHistory}
 */
export function databaseHistory(
  pool: Pool,
  definition: ProcessDefinition,
  span: Span = {},
  onRead?: OnRead,
): KeptHistory {
  const options = { tags: definition.tags.map(({ id }) => id), ...span };
  return {
    malformed: () => ({}),
    async *[Symbol.asyncIterator]() {
      const whole = await storedSpan(pool, options);
      const events: (OfflineRecord & { topic: 'mesEvents' })[] = [];
      let withEvents: ReturnType<typeof amongEvents> | undefined;
      let taken = 0;
      for await (const batch of storedHistory(pool, options)) {
        const readings: OfflineRecord[] = [];
        for (const record of batch) {
          // No output tells the time of publication, which the tables do not have.
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
        yield withEvents === undefined ? readings : withEvents(readings);
        const last = batch.at(-1);
        if (whole !== undefined && last?.topic === 'validatedReadings')
          onRead?.(Math.min(1, (last.value.eventTime - whole.from) / Math.max(1, whole.to - whole.from)));
      }
      if (taken === 0) throw nothingKept('the table validated_readings', span);
    },
  };
}
