import type { LiveQuality } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from './columns.ts';

const { key, column, optional, table } = rowPerRecord<LiveQuality>();

export const liveQualityTable = table(
  'live_quality',
  'Precision, recall and calibration of one bundle on one asset over one window.',
  [
    key('asset', 'text', (quality) => quality.asset),
    key('event_time', 'time', (quality) => quality.eventTime),
    key('bundle', 'text', (quality) => quality.bundle),
    column('from', 'time', (quality) => quality.from),
    column('current', 'boolean', (quality) => quality.current),
    column('true_positives', 'integer', (quality) => quality.truePositives),
    column('false_positives', 'integer', (quality) => quality.falsePositives),
    column('true_negatives', 'integer', (quality) => quality.trueNegatives),
    column('false_negatives', 'integer', (quality) => quality.falseNegatives),
    column('not_judged', 'json', (quality) => quality.notJudged),
    optional('precision', 'double', (quality) => quality.precision),
    optional('recall', 'double', (quality) => quality.recall),
    optional('brier', 'double', (quality) => quality.brier),
    optional('calibration_error', 'double', (quality) => quality.calibrationError),
    optional('reason', 'text', (quality) => quality.reason),
    column('calibration', 'json', (quality) => quality.calibration),
    column('sum_squared_error', 'double', (quality) => quality.sumSquaredError),
  ],
);
