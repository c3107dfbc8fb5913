/** Units and comments that columns of several tables share. */
import type { Notes } from './columns.ts';

export const notes = {
  asset: { comment: 'ISA-95 path of the asset: enterprise/site/area/line/cell.' },
  bundle: { comment: 'Id of the bundle.' },
  featureSet: {
    comment: 'Version of the feature set: a hash of its definition. feature_sets lists its names.',
  },
  share: { unit: 'share' },
  piece: { comment: 'The piece on the asset: level to number, and its properties.' },
  completeness: {
    unit: 'share',
    comment: 'Measured values among all values that the longest window should have, 0 to 1.',
  },
  probability: {
    unit: 'share',
    comment: 'Calibrated probability, 0 to 1; null when the status is UNAVAILABLE.',
  },
  lower: {
    unit: 'share',
    comment: 'Lower end of the interval of the probability, at the coverage that the model card states.',
  },
  upper: { unit: 'share', comment: 'Upper end of the interval of the probability.' },
  confidence: {
    unit: 'share',
    comment: '1 − (upper − lower): 1 when the interval is a point, 0 when it covers everything.',
  },
  threshold: { unit: 'share', comment: 'The prediction is a warning from this probability on.' },
  status: {
    comment:
      'OK; DEGRADED: a member of the ensemble is missing or its inputs are thin; UNAVAILABLE: no probability.',
  },
  models: { comment: 'The answer of each member of the ensemble.' },
  eventTime: { comment: 'End of the row of features that was answered.' },
  target: { comment: 'Id of the target in the process definition.' },
} as const satisfies Readonly<Record<string, Notes>>;
