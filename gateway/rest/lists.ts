/** The routes that list the newest rows of one table, by asset and span of time. One entry is one route. */
import { findings } from '../../sinks/timescale/queries/rows.ts';
import { selection } from '../../sinks/timescale/queries/selection.ts';
import { mesEventsTable } from '../../sinks/timescale/tables/mes-events.ts';
import { qualityLabelsTable } from '../../sinks/timescale/tables/quality-labels.ts';
import { listRoute } from './list-route.ts';
import { rejectionResource } from './resources.ts';

export const lists = [
  listRoute({
    name: 'rejections',
    id: 'listRejections',
    summary: 'The findings of validation about readings, by event time, oldest first',
    description:
      'A reading accepted by POST /v1/readings is validated after the answer. This lists what validation found wrong with it.',
    answer: 'Findings',
    rows: findings,
    resource: rejectionResource,
    assetHelp: 'May be an asset that is not of this process: its readings are rejected',
  }),
  listRoute({
    name: 'mesEvents',
    id: 'listMesEvents',
    summary: 'The stored MES events, by event time, oldest first',
    description: 'The items are as POST /v1/mes-events takes them.',
    answer: 'MES events',
    rows: selection(mesEventsTable),
  }),
  listRoute({
    name: 'qualityLabels',
    id: 'listQualityLabels',
    summary: 'The stored labels of Quality Management, by the start of their span, oldest first',
    description: 'The items are as POST /v1/quality-labels takes them.',
    answer: 'Labels',
    rows: selection(qualityLabelsTable),
  }),
];
