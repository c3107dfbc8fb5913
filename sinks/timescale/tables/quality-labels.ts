/** Labels: what Quality Management found. */
import type { QualityLabel } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from '../columns/define-table.ts';
import { notes } from '../columns/notes.ts';

const { key, column, optional, table } = rowPerRecord<QualityLabel>();

export const qualityLabelsTable = table(
  'quality_labels',
  'One label: what Quality Management found for a span.',
  [
    key('asset', 'text', (label) => label.asset, notes.asset),
    key('event_time', 'time', (label) => label.eventTime, {
      comment: 'Start of the judged span (inclusive).',
    }),
    key('until', 'time', (label) => label.until, { comment: 'End of the judged span (exclusive).' }),
    key('target', 'text', (label) => label.target, notes.target),
    key('source', 'text', (label) => label.source, { comment: 'Who judged.' }),
    key('found_at', 'time', (label) => label.foundAt, { comment: 'When the label became known.' }),
    column('value', 'double', (label) => label.value, {
      comment: '1: the defect was found. 0: it was not found.',
    }),
    optional('defect', 'text', (label) => label.defect, {
      comment: 'The kind of defect; null when not known.',
    }),
    column('piece', 'json', (label) => label.piece, { comment: 'The judged piece: level to number.' }),
  ],
);
