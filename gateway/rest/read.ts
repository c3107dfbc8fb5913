/** The routes that read: the plant, its assets, and stored readings, predictions and alarms; and the lists of `lists.ts`. */
import { z } from 'zod';
import { textLimits } from '../../base/outside-text.ts';
import { didYouMean } from '../../processes/definition-problem.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { History } from '../history.ts';
import type { Board } from '../live/board.ts';
import { AlarmList } from '../shared/alarms.ts';
import type { PlantView } from '../shared/messages.ts';
import { withQuality } from './alarm-quality.ts';
import { alertResource, plantResource, predictionResource, scanResource } from './resources.ts';
import { lists } from './lists.ts';
import { badQuery, noAsset, spanParams, databaseDown } from './parameters.ts';
import type { ProblemDetails } from './problem-details.ts';
import { route, spec, type Reply, type Route } from './route.ts';

export interface ReadOptions {
  readonly plant: PlantView;
  readonly history: History;
  readonly board: Board;
  readonly log: Logger;
}

const assetParam = z.object({
  asset: z.string().min(1).max(textLimits.asset).describe('ISA-95 path, percent-encoded'),
});
export const readSpecs = {
  definition: spec({
    method: 'get',
    path: '/v1/definition',
    id: 'getDefinition',
    tag: 'Plant',
    summary: 'The line, its tags with units and normal bands, the target of predictions, and the alert rules',
    answers: { 200: { description: 'The plant', schema: plantResource } },
  }),
  assets: spec({
    method: 'get',
    path: '/v1/assets',
    id: 'listAssets',
    tag: 'Plant',
    summary: 'The assets that are defined or have sent data, with the time of their newest data',
    answers: {
      200: {
        description: 'Assets, sorted by name',
        schema: z.object({
          assets: z.array(z.object({ asset: z.string(), lastEventTime: z.int().nullable() })),
        }),
      },
    },
  }),
  predictions: spec({
    method: 'get',
    path: '/v1/assets/:asset/predictions',
    id: 'listPredictions',
    tag: 'History',
    summary: 'The stored predictions of an asset, oldest first',
    params: assetParam,
    query: spanParams(5_000, 200),
    answers: {
      200: { description: 'Predictions', schema: z.object({ predictions: z.array(predictionResource) }) },
      400: badQuery,
      404: noAsset,
      503: databaseDown,
    },
  }),
  readings: spec({
    method: 'get',
    path: '/v1/assets/:asset/readings',
    id: 'listReadings',
    tag: 'History',
    summary: 'The stored validated readings of an asset, oldest first',
    params: assetParam,
    query: spanParams(3_600, 300),
    answers: {
      200: {
        description: 'Readings; values in the order of `tags`',
        schema: z.object({ tags: z.array(z.string()), scans: z.array(scanResource) }),
      },
      400: badQuery,
      404: noAsset,
      503: databaseDown,
    },
  }),
  alerts: spec({
    method: 'get',
    path: '/v1/alerts',
    id: 'listAlerts',
    tag: 'History',
    summary: 'Alarms with their state: open ones before cleared ones, highest priority first',
    query: z.object({
      open: z
        .enum(['true', 'false'])
        .default('false')
        .transform((text) => text === 'true')
        .describe('true: only alarms that are not cleared'),
      asset: z.string().optional(),
      ...spanParams(1_000, 100).shape,
    }),
    answers: {
      200: { description: 'Alarms', schema: z.object({ alerts: z.array(alertResource) }) },
      400: badQuery,
      404: noAsset,
      503: databaseDown,
    },
  }),
};

export function readRoutes({ plant, history, board, log }: ReadOptions): Route[] {
  /** Answers an outage of the database with 503. */
  let waiting = 0;
  const ask = async (work: () => Promise<unknown>): Promise<Reply> => {
    if (waiting >= mostWaiting) return overloaded;
    waiting++;
    try {
      return { status: 200, body: await work() };
    } catch (error) {
      if (error instanceof UnknownAsset) return { problem: error.problem };
      log.warn({ err: error }, 'the database did not answer a request for history');
      return {
        problem: {
          status: 503,
          title: 'History is not available',
          detail:
            'The database did not answer; see the log of the gateway for the cause. The live stream continues.',
          remedy: 'Repeat the request in a few seconds.',
          retryAfter: 5,
        },
      };
    } finally {
      waiting--;
    }
  };
  /** Returns what was found for an asset. An empty list is valid for a known asset; an unknown asset is a 404. */
  const of = async <T>(asset: string | undefined, found: Promise<readonly T[]>): Promise<readonly T[]> => {
    const items = await found;
    if (asset === undefined || items.length > 0) return items;
    const known = (await knownAssets(plant, history, board, log)).map((one) => one.asset);
    if (!known.includes(asset)) throw new UnknownAsset(asset, known);
    return items;
  };
  return [
    route(readSpecs.definition, () => Promise.resolve({ status: 200, body: plant })),
    route(readSpecs.assets, async () => ({
      status: 200,
      body: { assets: await knownAssets(plant, history, board, log) },
    })),
    route(readSpecs.predictions, ({ params, query }) =>
      ask(async () => ({ predictions: await of(params.asset, history.predictions(params.asset, query)) })),
    ),
    route(readSpecs.readings, ({ params, query }) =>
      ask(async () => ({
        tags: plant.tags.map(({ id }) => id),
        scans: await of(params.asset, history.scans(params.asset, query)),
      })),
    ),
    route(readSpecs.alerts, ({ query }) =>
      ask(async () => {
        const list = new AlarmList(query.limit);
        for (const transition of await of(query.asset, history.alerts(query))) list.apply(transition);
        return { alerts: await withQuality([...list.open(), ...list.cleared()], { plant, history, board }) };
      }),
    ),
    ...lists.map(({ name, rows, spec: listSpec }) =>
      route(listSpec, ({ query }) => ask(async () => ({ [name]: await history.rows(rows, query) }))),
    ),
  ];
}

/** Requests that wait for the database at the same time. */
const mostWaiting = 100;

const overloaded: Reply = {
  problem: {
    status: 503,
    title: 'The gateway is overloaded',
    detail: `${mostWaiting} requests are waiting for the database.`,
    remedy: 'Repeat the request in a few seconds, and ask for less at the same time.',
    retryAfter: 5,
  },
};

/** Number of assets that a problem lists. */
const mostNamed = 20;

class UnknownAsset extends Error {
  readonly problem: ProblemDetails;

  constructor(asset: string, known: readonly string[]) {
    super(`${asset} is not an asset`);
    const named = known.slice(0, mostNamed).join(', ');
    const more = known.length > mostNamed ? ` and ${known.length - mostNamed} more` : '';
    this.problem = {
      status: 404,
      title: 'No such asset',
      detail: `${asset} is not defined and has never sent data${didYouMean(asset, known)}.`,
      remedy: `${known.length === 0 ? 'No asset is known yet' : `The assets are ${named}${more}`}. GET /v1/assets lists all assets.`,
    };
  }
}

/** The assets of the definition, the live stream and the database. If the database does not answer, only the first two. */
async function knownAssets(plant: PlantView, history: History, board: Board, log: Logger) {
  const newest = new Map<string, number | null>();
  for (const asset of plant.assets ?? []) newest.set(asset, null);
  try {
    for (const { asset, lastEventTime } of await history.assets()) newest.set(asset, lastEventTime);
  } catch (error) {
    log.warn({ err: error }, 'the database did not answer the request for its assets');
  }
  for (const asset of board.assets()) {
    const live = board.scans(asset).at(-1)?.eventTime ?? null;
    newest.set(asset, live ?? newest.get(asset) ?? null);
  }
  return [...newest]
    .map(([asset, lastEventTime]) => ({ asset, lastEventTime }))
    .sort((a, b) => a.asset.localeCompare(b.asset, 'en', { numeric: true }));
}
