/** Validated readings: one row per tag. */
import type { ValidatedReading } from '../../../schemas/generated/types.ts';
import { rowPerPart } from '../columns/define-table.ts';
import { notes } from '../columns/notes.ts';

const { key, column, optional, table } = rowPerPart((reading: ValidatedReading) => reading.measurements);

export const validatedReadingsTable = table(
  'validated_readings',
  'One tag of one reading that validation accepted.',
  [
    key('asset', 'text', (reading) => reading.asset, notes.asset),
    key('tag', 'text', (_, measurement) => measurement.tag, {
      comment: 'Id of the tag in the process definition; tags has its title and unit.',
    }),
    key('event_time', 'time', (reading) => reading.eventTime, {
      comment: "When the value was true, by the source's clock.",
    }),
    key('source', 'text', (reading) => reading.source, { comment: 'Who measured.' }),
    key('sequence', 'bigint', (reading) => reading.sequence, {
      comment: 'Sequence number of the reading, per asset and source.',
    }),
    optional('value', 'double', (_, measurement) => measurement.value, {
      unit: "the tag's",
      comment: 'Null when missing and not repaired.',
    }),
    column('quality', 'text', (_, measurement) => measurement.quality, {
      comment: 'GOOD, UNCERTAIN or BAD, as in OPC UA.',
    }),
    column('treatment', 'text', (_, measurement) => measurement.treatment, {
      comment:
        'MEASURED: unchanged. FLAGGED: kept although suspect. HELD: replaced by the last good value. MISSING: no value.',
    }),
    optional('reason', 'text', (_, measurement) => measurement.reason, {
      comment: 'Why the treatment is not MEASURED; null when it is.',
    }),
    column('completeness', 'double', (reading) => reading.completeness, {
      unit: 'share',
      comment: 'Required tags of the entire reading that have a measured value, 0 to 1.',
    }),
    column('out_of_order', 'boolean', (reading) => reading.outOfOrder, {
      comment: 'True when the reading came after a later one, within the grace period.',
    }),
  ],
);
