/**
 * Which folder may import from which, lowest first. `from` is a folder, and `to` lists the other folders that its files may
 * import from. An entry may name only folders listed before it, so no import cycle is possible. The README lists the folders in
 * another order, that of the data flow.
 *
 * `stream/` is a library of its own: it imports nothing of ours. Tests may import from everywhere.
 */
export const folders = [
  { from: 'stream', to: [] },
  { from: 'base', to: ['stream'] },
  { from: 'telemetry', to: ['stream', 'base'] },
  { from: 'schemas', to: ['stream', 'base', 'telemetry'] },
  { from: 'processes', to: ['base'] },
  { from: 'processors', to: ['stream', 'base', 'schemas', 'processes'] },
  { from: 'models', to: ['stream', 'base', 'schemas', 'processes', 'processors'] },
  { from: 'sources', to: ['stream', 'base', 'telemetry', 'schemas', 'processes', 'processors'] },
  { from: 'sinks', to: ['stream', 'base', 'telemetry', 'schemas', 'processes'] },
  { from: 'gateway', to: ['stream', 'base', 'telemetry', 'schemas', 'processes', 'sources', 'sinks'] },
  { from: 'grafana', to: ['base'] },
  { from: 'local', to: ['stream', 'base', 'telemetry'] },
  {
    from: 'roles',
    to: [
      ...['stream', 'base', 'telemetry', 'schemas', 'processes', 'processors', 'models', 'sources', 'sinks'],
      ...['gateway', 'local'],
    ],
  },
  {
    from: 'proof',
    to: [...['stream', 'base', 'schemas', 'processes', 'processors', 'models', 'sources', 'sinks'], 'roles'],
  },
  {
    from: 'cli',
    to: [
      ...['stream', 'base', 'telemetry', 'schemas', 'processes', 'processors', 'models', 'sources', 'sinks'],
      ...['gateway', 'grafana', 'local', 'roles', 'proof'],
    ],
  },
  {
    from: 'bench',
    to: [
      ...['stream', 'base', 'telemetry', 'schemas', 'processes', 'processors', 'models', 'sources', 'sinks'],
      ...['gateway', 'local', 'roles', 'proof', 'cli'],
    ],
  },
];

/**
 * The rooms (subfolders) of a divided folder, and which room may import from which. A file belongs to the room with the
 * longest matching path. An entry may name only rooms listed before it.
 */
export const rooms = [
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
