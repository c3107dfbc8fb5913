/** Drift reports: how far live rows are from the training rows. */
import type { DriftReport } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from '../columns/define-table.ts';
import { notes } from '../columns/notes.ts';

const { key, column, optional, table } = rowPerRecord<DriftReport>();

export const driftTable = table(
  'drift',
  'How far the rows of one asset and window are from the training rows.',
  [
    key('asset', 'text', (report) => report.asset, notes.asset),
    key('event_time', 'time', (report) => report.eventTime, {
      comment: 'End of the window (inclusive), by the clock of the readings.',
    }),
    key('bundle', 'text', (report) => report.bundle, {
      comment: 'Id of the bundle whose reference the rows are compared with.',
    }),
    column('from', 'time', (report) => report.from, { comment: 'Beginning of the window (exclusive).' }),
    column('feature_set', 'text', (report) => report.featureSet, notes.featureSet),
    column('rows', 'integer', (report) => report.rows, {
      unit: 'rows',
      comment: 'Number of rows in the window.',
    }),
    column('chance', 'double', (report) => report.chance, {
      unit: 'PSI',
      comment:
        'The PSI that this number of rows shows on average without any drift; overlapping rows count once.',
    }),
    column('status', 'text', (report) => report.status, {
      comment: 'OK; TOO_FEW_ROWS or NO_REFERENCE: the report has no numbers.',
    }),
    optional('reason', 'text', (report) => report.reason, {
      comment: 'Why the status is not OK; null when it is OK.',
    }),
    optional('score', 'double', (report) => report.score, {
      unit: 'PSI',
      comment: 'Population stability index of the predicted probability.',
    }),
    optional('worst', 'double', (report) => report.worst, {
      unit: 'PSI',
      comment: 'The highest PSI of a feature.',
    }),
    column('drifted', 'integer', (report) => report.drifted, {
      unit: 'features',
      comment: 'Number of features whose PSI is above warnAbove of the process definition.',
    }),
    column('psi', 'doubles', (report) => report.psi, {
      unit: 'PSI',
      comment: 'One PSI per feature, in the order of feature_sets.names; empty unless the status is OK.',
    }),
    column('strongest', 'json', (report) => report.strongest, {
      comment: 'The features with the highest PSI, with a text for people; the highest first.',
    }),
  ],
);
