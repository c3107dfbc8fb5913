import type { QualityLabel } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from './columns.ts';

const { key, column, optional, table } = rowPerRecord<QualityLabel>();

export const qualityLabelsTable = table('quality_labels', 'One judgement by Quality Management.', [
  key('asset', 'text', (label) => label.asset),
  key('event_time', 'time', (label) => label.eventTime),
  key('until', 'time', (label) => label.until),
  key('target', 'text', (label) => label.target),
  key('source', 'text', (label) => label.source),
  key('found_at', 'time', (label) => label.foundAt),
  column('value', 'double', (label) => label.value),
  optional('defect', 'text', (label) => label.defect),
  column('piece', 'json', (label) => label.piece),
]);
