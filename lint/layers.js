/**
 * Which room may import from which. `from` is a folder, and `to` lists the other folders that its files may import from.
 *
 * - A file belongs to the longest `from` that it lies below. A room may always import from itself.
 * - `'x/**'` in `to` allows every room below x.
 * - Folders that have no entry are not held to this list. `flow` in `eslint.config.js` orders the top folders.
 * - Entries only name rooms that stand above them. So there is no circle.
 */
export const layers = [
  { from: 'models/numbers', to: [] },
  { from: 'models/onnx', to: [] },
  { from: 'models/data', to: ['models/numbers'] },
  { from: 'models/learners/trees', to: ['models/onnx'] },
  { from: 'models/learners', to: ['models/numbers', 'models/data', 'models/learners/trees'] },
  {
    from: 'models/learners/xgboost',
    to: ['models/numbers', 'models/data', 'models/learners/trees', 'models/learners'],
  },
  { from: 'models/learners/lstm', to: ['models/numbers', 'models/onnx', 'models/data', 'models/learners'] },
  { from: 'models/blend', to: ['models/numbers'] },
  {
    from: 'models/bundle',
    to: [
      'models/numbers',
      'models/onnx',
      'models/data',
      'models/learners/trees',
      'models/learners/lstm',
      'models/blend',
    ],
  },
  {
    from: 'models/serving',
    to: [
      'models/numbers',
      'models/onnx',
      'models/data',
      'models/learners/trees',
      'models/blend',
      'models/bundle',
    ],
  },
  {
    from: 'models/judging',
    to: [
      'models/numbers',
      'models/onnx',
      'models/data',
      'models/learners',
      'models/blend',
      'models/bundle',
      'models/serving',
    ],
  },
  { from: 'models/cards', to: ['models/numbers', 'models/data', 'models/learners', 'models/judging'] },
  {
    from: 'models/training',
    to: [
      'models/numbers',
      'models/data',
      'models/learners/trees',
      'models/learners',
      'models/learners/xgboost',
      'models/learners/lstm',
      'models/blend',
      'models/bundle',
      'models/judging',
      'models/cards',
    ],
  },
  {
    from: 'models/registry',
    to: ['models/numbers', 'models/blend', 'models/bundle', 'models/serving', 'models/judging'],
  },
];
