/** Events of pieces, as the MES reports them. */
import type { MesEvent } from '../../../schemas/generated/types.ts';
import { rowPerRecord } from '../columns/define-table.ts';
import { notes } from '../columns/notes.ts';

const { key, column, table } = rowPerRecord<MesEvent>();

export const mesEventsTable = table('mes_events', 'The start, change or end of a piece.', [
  key('asset', 'text', (event) => event.asset, notes.asset),
  key('event_time', 'time', (event) => event.eventTime, {
    comment: 'When the piece started, changed or ended.',
  }),
  key('source', 'text', (event) => event.source, { comment: 'Who reported the event.' }),
  key('sequence', 'bigint', (event) => event.sequence, {
    comment: 'Counts up by one per event of this asset and source.',
  }),
  column('type', 'text', (event) => event.type, { comment: 'STARTED, CHANGED or ENDED.' }),
  column('level', 'text', (event) => event.level, {
    comment: 'Level of the piece in the process definition; in casting: heat or slab.',
  }),
  column('id', 'text', (event) => event.id, { comment: 'Number of the piece at that level.' }),
  column('properties', 'json', (event) => event.properties, {
    comment: 'Further facts about the piece, such as grade and order.',
  }),
]);
