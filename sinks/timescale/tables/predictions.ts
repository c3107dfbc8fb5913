/** Predictions: the champion's answers. */
import type { Prediction } from '../../../schemas/generated/types.ts';
import { publishedAt, rowPerRecord } from './columns.ts';
import { notes } from './notes.ts';
import type { StoredReasons } from './stored-reasons.ts';

const { key, column, optional, table } = rowPerRecord<Prediction>();

export const predictionsTable = table('predictions', 'One prediction of the champion.', [
  key('asset', 'text', (prediction) => prediction.asset, notes.asset),
  key('event_time', 'time', (prediction) => prediction.eventTime, notes.eventTime),
  key('target', 'text', (prediction) => prediction.target, notes.target),
  column('status', 'text', (prediction) => prediction.status, notes.status),
  optional('reason', 'text', (prediction) => prediction.reason, {
    comment: 'Why the status is not OK; null when it is OK.',
  }),
  optional('probability', 'double', (prediction) => prediction.probability, notes.probability),
  optional('lower', 'double', (prediction) => prediction.lower, notes.lower),
  optional('upper', 'double', (prediction) => prediction.upper, notes.upper),
  optional('confidence', 'double', (prediction) => prediction.confidence, notes.confidence),
  column('threshold', 'double', (prediction) => prediction.threshold, notes.threshold),
  column('bundle', 'text', (prediction) => prediction.bundle, {
    comment: 'Id of the bundle that answered; empty when none was loaded.',
  }),
  column('feature_set', 'text', (prediction) => prediction.featureSet, notes.featureSet),
  column('completeness', 'double', (prediction) => prediction.completeness, notes.completeness),
  column('models', 'json', (prediction) => prediction.models, notes.models),
  column('contributions', 'json', (prediction): StoredReasons => prediction.contributions, {
    comment: 'The reasons: the features that changed the probability most, the strongest first.',
  }),
  column('piece', 'json', (prediction) => prediction.piece, notes.piece),
  optional('model_entry', 'bigint', (prediction) => prediction.modelEntry, {
    comment:
      'models.sequence of the entry by which the bundle was champion; 0 when none was. Null in rows from before models.v1.',
  }),
  optional('classes', 'json', (prediction) => (prediction.classes.length === 0 ? null : prediction.classes), {
    comment: 'Probability of each class; null where the target has none.',
  }),
  publishedAt,
]);
