/** Predictions: the champion's answers. */
import type { Prediction } from '../../../schemas/generated/types.ts';
import { publishedAt, rowPerRecord } from '../columns/define-table.ts';
import { answerColumns, answerKey } from './answer-columns.ts';
import type { StoredReasons } from './stored-reasons.ts';

const { column, optional, table } = rowPerRecord<Prediction>();

export const predictionsTable = table('predictions', 'One prediction of the champion.', [
  ...answerKey,
  ...answerColumns,
  column('bundle', 'text', (prediction) => prediction.bundle, {
    comment: 'Id of the bundle that answered; empty when none was loaded.',
  }),
  column('contributions', 'json', (prediction): StoredReasons => prediction.contributions, {
    comment: 'The reasons: the features that changed the probability most, the strongest first.',
  }),
  optional('model_entry', 'bigint', (prediction) => prediction.modelEntry, {
    comment:
      'models.sequence of the entry by which the bundle was champion; 0 when none was. Null in rows from before models.v1.',
  }),
  optional('classes', 'json', (prediction) => (prediction.classes.length === 0 ? null : prediction.classes), {
    comment: 'Probability of each class; null where the target has none.',
  }),
  publishedAt,
]);
