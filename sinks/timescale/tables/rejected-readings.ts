/** Findings: what validation found wrong with readings. */
import type { RejectedReading } from '../../../schemas/generated/types.ts';
import { rowPerPart } from '../columns/define-table.ts';
import { notes } from '../columns/notes.ts';

const { key, column, optional, table } = rowPerPart((reading: RejectedReading) => reading.rejections);

export const rejectedReadingsTable = table(
  'rejected_readings',
  'One finding of validation about a reading.',
  [
    key('asset', 'text', (reading) => reading.asset, notes.asset),
    key('event_time', 'time', (reading) => reading.eventTime, {
      comment: "Event time of the reading, by the source's clock.",
    }),
    key('source', 'text', (reading) => reading.source, { comment: 'Who measured.' }),
    key('sequence', 'bigint', (reading) => reading.sequence, {
      comment: 'Sequence number of the reading, per asset and source.',
    }),
    key('input_partition', 'integer', (reading) => reading.inputPartition, {
      comment: 'Partition of the reading on its input topic; −1 for findings of the step features.',
    }),
    key('input_offset', 'bigint', (reading) => reading.inputOffset, {
      comment: 'Offset of the reading in that partition; −1 for findings of the step features.',
    }),
    key('ordinal', 'integer', (_reading, _rejection, ordinal) => ordinal, {
      comment: 'Index of the finding among those of its reading, from 0.',
    }),
    column('dropped', 'boolean', (reading) => reading.dropped, {
      comment: 'True when no part of the reading was accepted.',
    }),
    optional('tag', 'text', (_, rejection) => rejection.tag, {
      comment: 'The tag of the finding; null when it is about the entire reading.',
    }),
    optional('value', 'double', (_, rejection) => rejection.value, {
      unit: "the tag's",
      comment: 'The value that was refused or flagged; null when there is none.',
    }),
    column('reason', 'text', (_, rejection) => rejection.reason, {
      comment: 'Why, such as RANGE, STUCK or DUPLICATE; processors/validate/README.md lists the reasons.',
    }),
    column('treatment', 'text', (_, rejection) => rejection.treatment, {
      comment: 'What was done: FLAGGED, HELD, MISSING or DROPPED.',
    }),
    column('detail', 'text', (_, rejection) => rejection.detail, {
      comment: 'What was found and what is allowed, in plain words with numbers and units.',
    }),
  ],
);
