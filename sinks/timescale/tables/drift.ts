import type { DriftReport } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from './columns.ts';

const { key, column, optional, table } = rowPerRecord<DriftReport>();

export const driftTable = table(
  'drift',
  'How far the rows of one asset and window are from the training rows.',
  [
    key('asset', 'text', (report) => report.asset),
    key('event_time', 'time', (report) => report.eventTime),
    key('bundle', 'text', (report) => report.bundle),
    column('from', 'time', (report) => report.from),
    column('feature_set', 'text', (report) => report.featureSet),
    column('rows', 'integer', (report) => report.rows),
    column('chance', 'double', (report) => report.chance),
    column('status', 'text', (report) => report.status),
    optional('reason', 'text', (report) => report.reason),
    optional('score', 'double', (report) => report.score),
    optional('worst', 'double', (report) => report.worst),
    column('drifted', 'integer', (report) => report.drifted),
    column('psi', 'doubles', (report) => report.psi, {
      comment: 'In the order of feature_sets.names; empty unless status is OK.',
    }),
    column('strongest', 'json', (report) => report.strongest),
  ],
);
