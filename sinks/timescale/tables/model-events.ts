/** What running instances did with entries of the model registry. */
import type { ModelEvent } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from '../columns/define-table.ts';
import { notes } from '../columns/notes.ts';

const { key, column, optional, table } = rowPerRecord<ModelEvent>();

export const modelEventsTable = table(
  'model_events',
  'What one running instance did with an entry of the model registry.',
  [
    key('process', 'text', (event) => event.process, { comment: 'Name of the process definition.' }),
    key('sequence', 'bigint', (event) => event.sequence, { comment: 'Sequence of the entry in models.' }),
    key('kind', 'text', (event) => event.kind, {
      comment:
        'SERVING: the bundle answers from now on. REFUSED: it does not; the bundle before it continues.',
    }),
    key('instance', 'text', (event) => event.instance, {
      comment: 'Host name and process id of the instance.',
    }),
    key('event_time', 'time', (event) => event.eventTime, {
      comment: "When it happened, by the instance's clock.",
    }),
    column('role', 'text', (event) => event.role, { comment: 'CHAMPION, CHALLENGER or SHADOW.' }),
    column('bundle', 'text', (event) => event.bundle, notes.bundle),
    optional('reason', 'text', (event) => event.reason, {
      comment: 'Why the bundle was refused; null when it serves.',
    }),
    column('load_ms', 'double', (event) => event.loadMs, {
      unit: 'ms',
      comment: 'Time to load, check and warm up the bundle.',
    }),
  ],
);
