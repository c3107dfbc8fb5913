/** The routes that list the newest rows of one table, by asset and span of time. One entry is one route. */
import { findings } from '../../sinks/timescale/queries/rows.ts';
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
];
