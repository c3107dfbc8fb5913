/** The answers of challengers and shadows. */
import type { ShadowPrediction } from '../../../schemas/generated/types.ts';
import { publishedAt, rowPerRecord } from './columns.ts';
import { notes } from './notes.ts';

const { key, column, optional, table } = rowPerRecord<ShadowPrediction>();

export const shadowPredictionsTable = table(
  'shadow_predictions',
  'The answer of a challenger or shadow to a row that the champion answered too.',
  [
    key('asset', 'text', (prediction) => prediction.asset, notes.asset),
    key('event_time', 'time', (prediction) => prediction.eventTime, notes.eventTime),
    key('target', 'text', (prediction) => prediction.target, notes.target),
    key('role', 'text', (prediction) => prediction.role, { comment: 'CHALLENGER or SHADOW.' }),
    key('bundle', 'text', (prediction) => prediction.bundle, { comment: 'Id of the bundle that answered.' }),
    column('model_entry', 'bigint', (prediction) => prediction.modelEntry, {
      comment: 'models.sequence of the entry by which the bundle had the role.',
    }),
    column('status', 'text', (prediction) => prediction.status, notes.status),
    optional('reason', 'text', (prediction) => prediction.reason, {
      comment: 'Why the status is not OK; null when it is OK.',
    }),
    optional('probability', 'double', (prediction) => prediction.probability, notes.probability),
    optional('lower', 'double', (prediction) => prediction.lower, notes.lower),
    optional('upper', 'double', (prediction) => prediction.upper, notes.upper),
    optional('confidence', 'double', (prediction) => prediction.confidence, notes.confidence),
    column('threshold', 'double', (prediction) => prediction.threshold, notes.threshold),
    column('feature_set', 'text', (prediction) => prediction.featureSet, notes.featureSet),
    column('completeness', 'double', (prediction) => prediction.completeness, notes.completeness),
    column('models', 'json', (prediction) => prediction.models, notes.models),
    column('piece', 'json', (prediction) => prediction.piece, notes.piece),
    publishedAt,
  ],
);
