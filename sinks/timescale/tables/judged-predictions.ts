/** Judged predictions: how predictions turned out, by their labels. */
import type { JudgedPrediction } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from '../columns/define-table.ts';
import { notes } from '../columns/notes.ts';

const { key, column, optional, table } = rowPerRecord<JudgedPrediction>();

export const judgedPredictionsTable = table(
  'judged_predictions',
  'The outcome of predictions: one row for each label, and one for each hop of predictions without a label.',
  [
    key('asset', 'text', (judged) => judged.asset, notes.asset),
    key('event_time', 'time', (judged) => judged.eventTime, {
      comment: "Start of the judged span: the label's, or the hop without a label.",
    }),
    key('until', 'time', (judged) => judged.until, { comment: 'End of the span.' }),
    key('target', 'text', (judged) => judged.target, notes.target),
    key('source', 'text', (judged) => judged.source, {
      comment: 'Source of the label; empty without a label.',
    }),
    key('found_at', 'time', (judged) => judged.foundAt, {
      comment: 'When the label became known; without a label, when the step stopped waiting for one.',
    }),
    column('verdict', 'text', (judged) => judged.verdict, {
      comment: 'TRUE_POSITIVE, FALSE_POSITIVE, TRUE_NEGATIVE, FALSE_NEGATIVE or NOT_JUDGED.',
    }),
    optional('reason', 'text', (judged) => judged.reason, {
      comment:
        'Why it is NOT_JUDGED; null otherwise. NO_PREDICTION: the span or piece has none. UNAVAILABLE: its predictions have no probability. TOO_LATE: the label was found after the predictions were removed. ALREADY_JUDGED: an earlier label counts. NEVER_LABELLED: no label came in time.',
    }),
    optional('label', 'double', (judged) => judged.label, {
      comment: '1: the defect was found. 0: it was not found. Null without a label.',
    }),
    optional('defect', 'text', (judged) => judged.defect, {
      comment: 'The kind of defect; null when not known.',
    }),
    column('predictions', 'integer', (judged) => judged.predictions, {
      unit: 'predictions',
      comment: 'Number of predictions for the span or piece.',
    }),
    optional('predicted_at', 'time', (judged) => judged.predictedAt, {
      comment: 'Event time of the judged prediction: with asset and target the key of predictions.',
    }),
    optional('probability', 'double', (judged) => judged.probability, {
      unit: 'share',
      comment: 'The highest calibrated probability of the span or piece, 0 to 1.',
    }),
    optional('threshold', 'double', (judged) => judged.threshold, {
      unit: 'share',
      comment: 'The prediction is a warning from this probability on.',
    }),
    column('bundle', 'text', (judged) => judged.bundle, {
      comment: 'Id of the bundle that predicted; empty without a judged prediction.',
    }),
    column('piece', 'json', (judged) => judged.piece, {
      comment: 'The piece that the label names: level to number.',
    }),
  ],
);
