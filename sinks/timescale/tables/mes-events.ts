import type { MesEvent } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from './columns.ts';

const { key, column, table } = rowPerRecord<MesEvent>();

export const mesEventsTable = table('mes_events', 'One event of a piece.', [
  key('asset', 'text', (event) => event.asset),
  key('event_time', 'time', (event) => event.eventTime),
  key('source', 'text', (event) => event.source),
  key('sequence', 'bigint', (event) => event.sequence),
  column('type', 'text', (event) => event.type),
  column('level', 'text', (event) => event.level),
  column('id', 'text', (event) => event.id),
  column('properties', 'json', (event) => event.properties),
]);
