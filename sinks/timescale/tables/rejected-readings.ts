import type { RejectedReading } from '../../../schemas/generated/types.ts';
import { rowPerPart } from './columns.ts';

const { key, column, optional, table } = rowPerPart((reading: RejectedReading) => reading.rejections);

export const rejectedReadingsTable = table('rejected_readings', 'One finding of validation.', [
  key('asset', 'text', (reading) => reading.asset),
  key('event_time', 'time', (reading) => reading.eventTime),
  key('source', 'text', (reading) => reading.source),
  key('sequence', 'bigint', (reading) => reading.sequence),
  key('input_partition', 'integer', (reading) => reading.inputPartition),
  key('input_offset', 'bigint', (reading) => reading.inputOffset),
  key('ordinal', 'integer', (_reading, _rejection, ordinal) => ordinal, {
    comment: 'Index of the finding among those of its reading, from 0.',
  }),
  column('dropped', 'boolean', (reading) => reading.dropped),
  optional('tag', 'text', (_, rejection) => rejection.tag),
  optional('value', 'double', (_, rejection) => rejection.value),
  column('reason', 'text', (_, rejection) => rejection.reason),
  column('treatment', 'text', (_, rejection) => rejection.treatment),
  column('detail', 'text', (_, rejection) => rejection.detail),
]);
