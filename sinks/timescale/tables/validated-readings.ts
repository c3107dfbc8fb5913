import type { ValidatedReading } from '../../../schemas/generated/types.ts';
import { rowPerPart } from './columns.ts';

const { key, column, optional, table } = rowPerPart((reading: ValidatedReading) => reading.measurements);

export const validatedReadingsTable = table(
  'validated_readings',
  'One tag of one reading that validation let through.',
  [
    key('asset', 'text', (reading) => reading.asset),
    key('tag', 'text', (_, measurement) => measurement.tag),
    key('event_time', 'time', (reading) => reading.eventTime),
    key('source', 'text', (reading) => reading.source),
    key('sequence', 'bigint', (reading) => reading.sequence),
    optional('value', 'double', (_, measurement) => measurement.value),
    column('quality', 'text', (_, measurement) => measurement.quality),
    column('treatment', 'text', (_, measurement) => measurement.treatment),
    optional('reason', 'text', (_, measurement) => measurement.reason),
    column('completeness', 'double', (reading) => reading.completeness, {
      unit: 'share',
      comment: 'Of the whole reading: share of the required tags with a measured value, 0 to 1.',
    }),
    column('out_of_order', 'boolean', (reading) => reading.outOfOrder),
  ],
);
