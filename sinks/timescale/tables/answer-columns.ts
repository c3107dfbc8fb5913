/** The columns that the answers of the champion, the challenger and the shadow have in common. */
import type { Prediction, ShadowPrediction } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from '../columns/define-table.ts';
import { notes } from '../columns/notes.ts';

type Answer = Pick<Prediction, keyof Prediction & keyof ShadowPrediction>;

const { key, column, optional } = rowPerRecord<Answer>();

export const answerKey = [
  key('asset', 'text', (answer) => answer.asset, notes.asset),
  key('event_time', 'time', (answer) => answer.eventTime, {
    comment: 'End of the row of features that was answered.',
  }),
  key('target', 'text', (answer) => answer.target, notes.target),
] as const;

export const answerColumns = [
  column('status', 'text', (answer) => answer.status, {
    comment:
      'OK; DEGRADED: a member of the ensemble is missing, or too many of its inputs are; UNAVAILABLE: no probability.',
  }),
  optional('reason', 'text', (answer) => answer.reason, {
    comment: 'Why the status is not OK; null when it is OK.',
  }),
  optional('probability', 'double', (answer) => answer.probability, {
    unit: 'share',
    comment: 'Calibrated probability, 0 to 1; null when the status is UNAVAILABLE.',
  }),
  optional('lower', 'double', (answer) => answer.lower, {
    unit: 'share',
    comment: 'Lower end of the interval of the probability, at the coverage that the model card states.',
  }),
  optional('upper', 'double', (answer) => answer.upper, {
    unit: 'share',
    comment: 'Upper end of the interval of the probability.',
  }),
  optional('confidence', 'double', (answer) => answer.confidence, {
    unit: 'share',
    comment: '1 − (upper − lower): 1 when the interval is a point, 0 when it covers everything.',
  }),
  column('threshold', 'double', (answer) => answer.threshold, {
    unit: 'share',
    comment: 'The prediction is a warning from this probability on.',
  }),
  column('feature_set', 'text', (answer) => answer.featureSet, notes.featureSet),
  column('completeness', 'double', (answer) => answer.completeness, notes.completeness),
  column('models', 'json', (answer) => answer.models, {
    comment: 'The answer of each member of the ensemble.',
  }),
  column('piece', 'json', (answer) => answer.piece, notes.piece),
] as const;
