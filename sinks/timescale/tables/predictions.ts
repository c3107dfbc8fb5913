import type { Prediction } from '../../../schemas/generated/types.ts';
import { publishedAt, rowPerRecord } from './columns.ts';
import type { StoredReasons } from './stored-reasons.ts';

const { key, column, optional, table } = rowPerRecord<Prediction>();

export const predictionsTable = table('predictions', 'One prediction of the champion.', [
  key('asset', 'text', (prediction) => prediction.asset),
  key('event_time', 'time', (prediction) => prediction.eventTime),
  key('target', 'text', (prediction) => prediction.target),
  column('status', 'text', (prediction) => prediction.status),
  optional('reason', 'text', (prediction) => prediction.reason),
  optional('probability', 'double', (prediction) => prediction.probability),
  optional('lower', 'double', (prediction) => prediction.lower),
  optional('upper', 'double', (prediction) => prediction.upper),
  optional('confidence', 'double', (prediction) => prediction.confidence),
  column('threshold', 'double', (prediction) => prediction.threshold),
  column('bundle', 'text', (prediction) => prediction.bundle),
  column('feature_set', 'text', (prediction) => prediction.featureSet),
  column('completeness', 'double', (prediction) => prediction.completeness),
  column('models', 'json', (prediction) => prediction.models),
  column('contributions', 'json', (prediction): StoredReasons => prediction.contributions),
  column('piece', 'json', (prediction) => prediction.piece),
  optional('model_entry', 'bigint', (prediction) => prediction.modelEntry, {
    comment:
      'models.sequence of the entry by which the bundle was champion; 0 when none was. Null in rows from before models.v1.',
  }),
  optional('classes', 'json', (prediction) => (prediction.classes.length === 0 ? null : prediction.classes), {
    comment: 'Probability of each class; null where the target has none.',
  }),
  publishedAt,
]);
