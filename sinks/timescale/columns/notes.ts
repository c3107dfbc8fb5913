/** Units and comments that columns of several tables share. */
import type { Notes } from './define-table.ts';

export const notes = {
  asset: { comment: 'ISA-95 path of the asset: enterprise/site/area/line/cell.' },
  bundle: { comment: 'Id of the bundle.' },
  featureSet: {
    comment: 'Version of the feature set: a hash of its definition. feature_sets lists its names.',
  },
  piece: { comment: 'The piece on the asset: level to number, and its properties.' },
  completeness: {
    unit: 'share',
    comment: 'Measured values among all values that the longest window should have, 0 to 1.',
  },
  target: { comment: 'Id of the target in the process definition.' },
} as const satisfies Readonly<Record<string, Notes>>;
