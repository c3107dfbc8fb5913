import type { ShadowPrediction } from '../../../schemas/generated/types.ts';
import { publishedAt, rowPerRecord } from './columns.ts';

const { key, column, optional, table } = rowPerRecord<ShadowPrediction>();

export const shadowPredictionsTable = table(
  'shadow_predictions',
  'The answer of a challenger or shadow to a row that the champion answered too.',
  [
    key('asset', 'text', (prediction) => prediction.asset),
    key('event_time', 'time', (prediction) => prediction.eventTime),
    key('target', 'text', (prediction) => prediction.target),
    key('role', 'text', (prediction) => prediction.role),
    key('bundle', 'text', (prediction) => prediction.bundle),
    column('model_entry', 'bigint', (prediction) => prediction.modelEntry),
    column('status', 'text', (prediction) => prediction.status),
    optional('reason', 'text', (prediction) => prediction.reason),
    optional('probability', 'double', (prediction) => prediction.probability),
    optional('lower', 'double', (prediction) => prediction.lower),
    optional('upper', 'double', (prediction) => prediction.upper),
    optional('confidence', 'double', (prediction) => prediction.confidence),
    column('threshold', 'double', (prediction) => prediction.threshold),
    column('feature_set', 'text', (prediction) => prediction.featureSet),
    column('completeness', 'double', (prediction) => prediction.completeness),
    column('models', 'json', (prediction) => prediction.models),
    column('piece', 'json', (prediction) => prediction.piece),
    publishedAt,
  ],
);
