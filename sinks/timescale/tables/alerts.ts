import type { Alert } from '../../../schemas/generated/types.ts';
import { publishedAt, rowPerRecord } from './columns.ts';
import type { StoredReasons } from './stored-reasons.ts';

const { key, column, optional, table } = rowPerRecord<Alert>();

export const alertsTable = table('alerts', 'One transition of an alert (ISA-18.2).', [
  key('id', 'text', (alert) => alert.id),
  key('step', 'integer', (alert) => alert.step),
  key('event_time', 'time', (alert) => alert.eventTime),
  column('asset', 'text', (alert) => alert.asset),
  column('rule', 'text', (alert) => alert.rule),
  column('priority', 'text', (alert) => alert.priority),
  column('transition', 'text', (alert) => alert.transition),
  column('raised_at', 'time', (alert) => alert.raisedAt),
  column('value', 'double', (alert) => alert.value),
  column('peak', 'double', (alert) => alert.peak),
  column('limit', 'double', (alert) => alert.limit),
  column('message', 'text', (alert) => alert.message),
  column('contributions', 'json', (alert): StoredReasons => alert.contributions),
  column('bundle', 'text', (alert) => alert.bundle),
  column('piece', 'json', (alert) => alert.piece),
  optional('actor', 'text', (alert) => alert.actor),
  publishedAt,
]);
