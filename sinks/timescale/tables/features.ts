import type { FeatureRow } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from './columns.ts';

const { key, column, table } = rowPerRecord<FeatureRow>();

export const featuresTable = table('features', "One asset's features at the end of a hop.", [
  key('asset', 'text', (row) => row.asset),
  key('event_time', 'time', (row) => row.eventTime),
  key('feature_set', 'text', (row) => row.featureSet),
  column('values', 'doubles', (row) => row.values, {
    comment: 'In the order of feature_sets.names; NaN is missing.',
  }),
  column('completeness', 'double', (row) => row.completeness),
  column('repaired', 'double', (row) => row.repaired),
  column('piece', 'json', (row) => row.piece),
]);
