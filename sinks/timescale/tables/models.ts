/** The model registry: who decided which bundle has which role. */
import type { ModelEntry } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from '../columns/define-table.ts';

const { key, column, optional, table } = rowPerRecord<ModelEntry>();

export const modelsTable = table(
  'models',
  'One decision about which bundle has which role. The database refuses changes to these rows.',
  [
    key('process', 'text', (entry) => entry.process, { comment: 'Name of the process definition.' }),
    key('sequence', 'bigint', (entry) => entry.sequence, {
      comment: 'Counts the entries of the process, over all roles, from 1.',
    }),
    column('role', 'text', (entry) => entry.role, { comment: 'CHAMPION, CHALLENGER or SHADOW.' }),
    column('event_time', 'time', (entry) => entry.eventTime, { comment: 'When the decision was made.' }),
    column('action', 'text', (entry) => entry.action, {
      comment: 'PROMOTED, ROLLED_BACK, ASSIGNED or CLEARED.',
    }),
    column('bundle', 'text', (entry) => entry.bundle, {
      comment: 'Id of the bundle; empty when no bundle has the role.',
    }),
    column('checksum', 'text', (entry) => entry.checksum, {
      comment: "SHA-256 of the bundle's manifest, which contains the checksums of its files.",
    }),
    column('feature_set', 'text', (entry) => entry.featureSet, {
      comment: 'Version of the feature set that the bundle was trained on.',
    }),
    column('location', 'text', (entry) => entry.location, {
      comment: 'Folder of the bundle: below the folder of all bundles, or absolute.',
    }),
    column('by', 'text', (entry) => entry.by, { comment: 'Who decided; castwatch for a default.' }),
    column('why', 'text', (entry) => entry.why, { comment: 'The reason for the decision.' }),
    column('replaces', 'text', (entry) => entry.replaces, {
      comment: 'Id of the bundle that had the role before; empty when none had it.',
    }),
    optional('restores', 'bigint', (entry) => entry.restores, {
      comment: 'For a rollback: the sequence of the entry that is in force again.',
    }),
  ],
);
