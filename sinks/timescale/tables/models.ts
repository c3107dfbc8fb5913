import type { ModelEntry } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from './columns.ts';

const { key, column, optional, table } = rowPerRecord<ModelEntry>();

export const modelsTable = table(
  'models',
  'One decision about which bundle has which role. The database refuses changes to these rows.',
  [
    key('process', 'text', (entry) => entry.process),
    key('sequence', 'bigint', (entry) => entry.sequence),
    column('role', 'text', (entry) => entry.role),
    column('event_time', 'time', (entry) => entry.eventTime),
    column('action', 'text', (entry) => entry.action),
    column('bundle', 'text', (entry) => entry.bundle),
    column('checksum', 'text', (entry) => entry.checksum),
    column('feature_set', 'text', (entry) => entry.featureSet),
    column('location', 'text', (entry) => entry.location),
    column('by', 'text', (entry) => entry.by),
    column('why', 'text', (entry) => entry.why),
    column('replaces', 'text', (entry) => entry.replaces),
    optional('restores', 'bigint', (entry) => entry.restores),
  ],
);
