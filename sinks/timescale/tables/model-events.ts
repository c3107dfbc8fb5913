import type { ModelEvent } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from './columns.ts';

const { key, column, optional, table } = rowPerRecord<ModelEvent>();

export const modelEventsTable = table('model_events', 'What one running instance did with a decision.', [
  key('process', 'text', (event) => event.process),
  key('sequence', 'bigint', (event) => event.sequence),
  key('kind', 'text', (event) => event.kind),
  key('instance', 'text', (event) => event.instance),
  key('event_time', 'time', (event) => event.eventTime),
  column('role', 'text', (event) => event.role),
  column('bundle', 'text', (event) => event.bundle),
  optional('reason', 'text', (event) => event.reason),
  column('load_ms', 'double', (event) => event.loadMs, { unit: 'ms' }),
]);
