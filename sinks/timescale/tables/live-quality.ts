/** Live quality: how good the predictions of a bundle were, by labels. */
import type { LiveQuality } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from '../columns/define-table.ts';
import { notes } from '../columns/notes.ts';

const { key, column, optional, table } = rowPerRecord<LiveQuality>();

export const liveQualityTable = table(
  'live_quality',
  'Precision, recall and calibration of one bundle on one asset over one window.',
  [
    key('asset', 'text', (quality) => quality.asset, notes.asset),
    key('event_time', 'time', (quality) => quality.eventTime, {
      comment: 'End of the window (inclusive), by the time when labels became known.',
    }),
    key('bundle', 'text', (quality) => quality.bundle, {
      comment: 'Id of the bundle; empty for labels without a prediction.',
    }),
    column('from', 'time', (quality) => quality.from, { comment: 'Beginning of the window (exclusive).' }),
    column('current', 'boolean', (quality) => quality.current, {
      comment: 'True when the newest judged prediction of the window is from this bundle.',
    }),
    column('true_positives', 'integer', (quality) => quality.truePositives, {
      unit: 'labels',
      comment: 'Warnings that came true.',
    }),
    column('false_positives', 'integer', (quality) => quality.falsePositives, {
      unit: 'labels',
      comment: 'Warnings that did not come true.',
    }),
    column('true_negatives', 'integer', (quality) => quality.trueNegatives, {
      unit: 'labels',
      comment: 'No warning, and no defect found.',
    }),
    column('false_negatives', 'integer', (quality) => quality.falseNegatives, {
      unit: 'labels',
      comment: 'No warning, but a defect found.',
    }),
    column('not_judged', 'json', (quality) => quality.notJudged, {
      unit: 'labels',
      comment: 'Labels that judged no prediction, by reason.',
    }),
    optional('precision', 'double', (quality) => quality.precision, {
      unit: 'share',
      comment: 'Warnings that came true, among all warnings.',
    }),
    optional('recall', 'double', (quality) => quality.recall, {
      unit: 'share',
      comment: 'Defects with a warning, among all defects.',
    }),
    optional('brier', 'double', (quality) => quality.brier, {
      comment: 'Brier score: mean squared difference of probability and label, 0 to 1.',
    }),
    optional('calibration_error', 'double', (quality) => quality.calibrationError, {
      unit: 'share',
      comment: 'Mean difference of predicted and found share over the bins, weighted by cases.',
    }),
    optional('reason', 'text', (quality) => quality.reason, {
      comment: 'Which figures are null, and how many cases they need; null when all are known.',
    }),
    column('calibration', 'json', (quality) => quality.calibration, {
      comment:
        'The bins of the probability that have cases, ascending: cases, positives, sum of probabilities.',
    }),
    column('sum_squared_error', 'double', (quality) => quality.sumSquaredError, {
      comment: 'Sum of squared differences of probability and label; used to add Brier scores.',
    }),
  ],
);
