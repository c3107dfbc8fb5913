/**
 * Makes what a client gets before frames, from stored history and the newest live data, without a gap: the snapshot with what
 * every card of the console shows, and on demand the scans of one asset.
 */
import type { Alert, Prediction } from '../../schemas/generated/types.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { History } from '../history.ts';
import { AlarmList } from '../shared/alarms.ts';
import type { AssetSnapshot, FeedState, PlantView, Scan, Snapshot, TrendPoint } from '../shared/messages.ts';
import type { Board } from './board.ts';

export interface SnapshotOptions {
  readonly plant: PlantView;
  readonly board: Board;
  readonly history: History;
  readonly log: Logger;
  readonly feed: () => FeedState;
}

/** Both throw the reason of `gone`, when it aborts, and make no more queries then. */
export interface Snapshots {
  readonly snapshot: (assets: readonly string[], gone: AbortSignal) => Promise<Snapshot>;
  readonly scans: (asset: string, gone: AbortSignal) => Promise<RecentScans>;
}

/** `historyMissing`: null, or why these are only the scans in the gateway's memory. */
export interface RecentScans {
  readonly scans: readonly Scan[];
  readonly historyMissing: string | null;
}

/** Time span of the charts before the asset's newest event time, ms. */
const scanSpan = 5 * 60_000;
const predictionSpan = 15 * 60_000;
const mostScans = 600;
const mostPredictions = 400;
/** Largest numbers of alarms in a snapshot: open ones, and recent ones. */
const mostOpen = 500;
const mostRecent = 50;

interface Stored {
  readonly scan: Scan | undefined;
  readonly predictions: readonly Prediction[];
}
const nothing: Stored = { scan: undefined, predictions: [] };

export function snapshots({ plant, board, history, log, feed }: SnapshotOptions): Snapshots {
  const scansWanted = Math.min(mostScans, Math.ceil(scanSpan / plant.scanPeriod));
  const predictionsWanted = Math.min(mostPredictions, Math.ceil(predictionSpan / plant.predictionPeriod));

  const stored = shared(async (asset): Promise<Stored> => ({
    scan: board.scans(asset).length > 0 ? undefined : (await history.scans(asset, { limit: 1 })).at(-1),
    predictions: await history.predictions(asset, { limit: predictionsWanted }),
  }));
  const storedScans = shared((asset) => history.scans(asset, { limit: scansWanted }));
  const storedAlerts = shared(async () => [
    ...(await history.alerts({ open: true, limit: mostOpen })),
    ...(await history.alerts({ open: false, limit: mostRecent })),
  ]);
  const missing = (error: unknown, gone: AbortSignal): string => {
    gone.throwIfAborted();
    log.warn({ err: error }, 'a client gets no history, because the database did not answer');
    return 'the database does not answer.';
  };

  return {
    async snapshot(assets, gone) {
      const past = new Map<string, Stored>();
      let alerts: readonly Alert[] = [];
      let historyMissing: string | null = null;
      try {
        // One asset after another, so that a page with many assets does not take all connections to the database.
        for (const asset of assets) {
          gone.throwIfAborted();
          past.set(asset, await stored(asset));
        }
        gone.throwIfAborted();
        alerts = await storedAlerts('');
      } catch (error) {
        historyMissing = missing(error, gone);
      }
      const alarms = new AlarmList(mostRecent);
      for (const alert of [...alerts, ...board.alarms.transitions()]) alarms.apply(alert);
      return {
        serverTime: Date.now(),
        feed: feed(),
        historyMissing,
        assets: assets.map((asset) => ofAsset(asset, past.get(asset) ?? nothing, board, alarms)),
        alerts: alarms.transitions(),
      };
    },
    async scans(asset, gone) {
      let past: readonly Scan[] = [];
      let historyMissing: string | null = null;
      try {
        past = await storedScans(asset);
      } catch (error) {
        historyMissing = missing(error, gone);
      }
      return { scans: newest(merge(past, board.scans(asset)), scanSpan, mostScans), historyMissing };
    },
  };
}

function ofAsset(asset: string, stored: Stored, board: Board, alarms: AlarmList): AssetSnapshot {
  const scans = merge(stored.scan === undefined ? [] : [stored.scan], board.scans(asset));
  const predictions = newest(
    merge(stored.predictions, board.predictions(asset)),
    predictionSpan,
    mostPredictions,
  );
  const watchedSince = alarms
    .open()
    .filter(({ latest }) => latest.asset === asset)
    .reduce((first, { latest }) => Math.min(first, latest.raisedAt), Number.POSITIVE_INFINITY);
  return {
    asset,
    scan: scans.at(-1) ?? null,
    prediction: predictions.at(-1) ?? null,
    trend: predictions.map(({ eventTime, probability, lower, upper, threshold, signals }): TrendPoint => ({
      ...{ eventTime, probability, lower, upper, threshold },
      signals: eventTime >= watchedSince ? signals : [],
    })),
  };
}

/** Callers that ask while a query is running share its answer. When a gateway restarts, all its clients join at once. */
function shared<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const underWay = new Map<string, Promise<T>>();
  return (key) => {
    const answer = underWay.get(key) ?? ask(key).finally(() => underWay.delete(key));
    underWay.set(key, answer);
    return answer;
  };
}

type Timed = { readonly eventTime: number };

/** Merges by event time. If both have an item for a time, the live one is taken. */
export function merge<T extends Timed>(stored: readonly T[], live: readonly T[]): T[] {
  const byTime = new Map<number, T>();
  for (const one of stored) byTime.set(one.eventTime, one);
  for (const one of live) byTime.set(one.eventTime, one);
  return [...byTime.values()].sort((a, b) => a.eventTime - b.eventTime);
}

/** The last ones of a list in order of time: at most a span before the newest, and at most a number. */
function newest<T extends Timed>(items: readonly T[], span: number, most: number): T[] {
  const from = (items.at(-1)?.eventTime ?? 0) - span;
  return items.filter(({ eventTime }) => eventTime >= from).slice(-most);
}
