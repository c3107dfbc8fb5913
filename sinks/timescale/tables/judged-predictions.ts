import type { JudgedPrediction } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from './columns.ts';

const { key, column, optional, table } = rowPerRecord<JudgedPrediction>();

export const judgedPredictionsTable = table(
  'judged_predictions',
  'The outcome of one prediction: one row for each label, and one for each stretch of predictions without a label.',
  [
    key('asset', 'text', (judged) => judged.asset),
    key('event_time', 'time', (judged) => judged.eventTime),
    key('until', 'time', (judged) => judged.until),
    key('target', 'text', (judged) => judged.target),
    key('source', 'text', (judged) => judged.source),
    key('found_at', 'time', (judged) => judged.foundAt),
    column('verdict', 'text', (judged) => judged.verdict),
    optional('reason', 'text', (judged) => judged.reason),
    optional('label', 'double', (judged) => judged.label),
    optional('defect', 'text', (judged) => judged.defect),
    column('predictions', 'integer', (judged) => judged.predictions),
    optional('predicted_at', 'time', (judged) => judged.predictedAt, {
      comment: 'Event time of the judged prediction: with asset and target the key of predictions.',
    }),
    optional('probability', 'double', (judged) => judged.probability),
    optional('threshold', 'double', (judged) => judged.threshold),
    column('bundle', 'text', (judged) => judged.bundle),
    column('piece', 'json', (judged) => judged.piece),
  ],
);
