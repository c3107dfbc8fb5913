/** The answers of challengers and shadows. */
import type { ShadowPrediction } from '../../../schemas/generated/types.ts';
import { publishedAt, rowPerRecord } from '../columns/define-table.ts';
import { answerColumns, answerKey } from './answer-columns.ts';

const { key, column, table } = rowPerRecord<ShadowPrediction>();

export const shadowPredictionsTable = table(
  'shadow_predictions',
  'The answer of a challenger or shadow to a row that the champion answered too.',
  [
    ...answerKey,
    key('role', 'text', (prediction) => prediction.role, { comment: 'CHALLENGER or SHADOW.' }),
    key('bundle', 'text', (prediction) => prediction.bundle, { comment: 'Id of the bundle that answered.' }),
    column('model_entry', 'bigint', (prediction) => prediction.modelEntry, {
      comment: 'models.sequence of the entry by which the bundle had the role.',
    }),
    ...answerColumns,
    publishedAt,
  ],
);
