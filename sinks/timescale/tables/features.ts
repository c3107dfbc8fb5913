/** Rows of features: the input of the models. */
import type { FeatureRow } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from '../columns/define-table.ts';
import { notes } from '../columns/notes.ts';

const { key, column, table } = rowPerRecord<FeatureRow>();

export const featuresTable = table('features', "One asset's features at the end of a hop.", [
  key('asset', 'text', (row) => row.asset, notes.asset),
  key('event_time', 'time', (row) => row.eventTime, { comment: 'End of the windows (exclusive).' }),
  key('feature_set', 'text', (row) => row.featureSet, notes.featureSet),
  column('values', 'doubles', (row) => row.values, {
    unit: "each feature's",
    comment: 'In the order of feature_sets.names; NaN when missing.',
  }),
  column('completeness', 'double', (row) => row.completeness, notes.completeness),
  column('repaired', 'double', (row) => row.repaired, {
    unit: 'share',
    comment: 'Values in the longest window that were held, flagged or missing, 0 to 1.',
  }),
  column('piece', 'json', (row) => row.piece, notes.piece),
]);
