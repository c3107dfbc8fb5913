/** Records of the model registry's two topics, which no step writes: one of each kind. */
import type { ModelEntry, ModelEvent } from '../../schemas/generated/types.ts';

const eventTime = Date.UTC(2026, 0, 1);

const entry: ModelEntry = {
  process: 'casting',
  role: 'CHAMPION',
  sequence: 1,
  eventTime,
  action: 'PROMOTED',
  bundle: 'casting-1',
  checksum: 'c1',
  featureSet: 'f1',
  location: 'casting/casting-1',
  by: 'Ada',
  why: 'first\tone, "quoted"',
  replaces: '',
  restores: null,
};

export const modelEntries: readonly ModelEntry[] = [
  entry,
  { ...entry, role: 'SHADOW', sequence: 2, action: 'ASSIGNED', bundle: 'casting-2' },
  { ...entry, sequence: 3, action: 'ROLLED_BACK', replaces: 'casting-2', restores: 1 },
  { ...entry, role: 'SHADOW', sequence: 4, action: 'CLEARED', bundle: '' },
];

const event: ModelEvent = {
  process: 'casting',
  role: 'CHAMPION',
  sequence: 1,
  bundle: 'casting-1',
  eventTime,
  kind: 'SERVING',
  instance: 'host/1',
  reason: null,
  loadMs: 12.5,
};

export const modelEvents: readonly ModelEvent[] = [
  event,
  { ...event, sequence: 2, kind: 'REFUSED', reason: 'not there' },
];
