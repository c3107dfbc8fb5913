/** Makes the snapshot that a client gets before frames: stored history and the newest live data, without a gap. */
import type { Alert, Prediction } from '../../schemas/generated/types.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { History } from '../history.ts';
import type { AssetSnapshot, FeedState, PlantView, Scan, Snapshot } from '../shared/messages.ts';
import type { Board } from './board.ts';

export interface SnapshotOptions {
  readonly plant: PlantView;
  readonly board: Board;
  readonly history: History;
  readonly log: Logger;
  readonly feed: () => FeedState;
}

/** Time span of the charts before the asset's newest event time, ms. */
const scanSpan = 5 * 60_000;
const predictionSpan = 15 * 60_000;
const mostScans = 600;
const mostPredictions = 400;
/** Largest numbers of alarms in a snapshot: open ones, and recent ones. */
const mostOpen = 500;
const mostRecent = 50;

export function snapshots({ plant, board, history, log, feed }: SnapshotOptions) {
  const scansWanted = Math.min(mostScans, Math.ceil(scanSpan / plant.scanPeriod));
  const predictionsWanted = Math.min(mostPredictions, Math.ceil(predictionSpan / plant.predictionPeriod));

  const stored = shared(async (asset): Promise<AssetSnapshot> => ({
    asset,
    scans: await history.scans(asset, { limit: scansWanted }),
    predictions: await history.predictions(asset, { limit: predictionsWanted }),
  }));
  const storedAlerts = shared(async () => [
    ...(await history.alerts({ open: true, limit: mostOpen })),
    ...(await history.alerts({ open: false, limit: mostRecent })),
  ]);

  return async (assets: readonly string[]): Promise<Snapshot> => {
    let past: readonly AssetSnapshot[] = [];
    let alerts: readonly Alert[] = [];
    let historyMissing: string | null = null;
    try {
      // One asset after another, so that a page with many assets does not take all connections to the database.
      for (const asset of assets) past = [...past, await stored(asset)];
      alerts = await storedAlerts('');
    } catch (error) {
      log.warn({ err: error }, 'a snapshot has no history, because the database did not answer');
      historyMissing = 'the database does not answer.';
    }
    const byAsset = new Map(past.map((one) => [one.asset, one]));
    return {
      serverTime: Date.now(),
      feed: feed(),
      historyMissing,
      assets: assets.map((asset) => ({
        asset,
        scans: merge<Scan>(byAsset.get(asset)?.scans ?? [], board.scans(asset)),
        predictions: merge<Prediction>(byAsset.get(asset)?.predictions ?? [], board.predictions(asset)),
      })),
      alerts: [...alerts, ...board.alarms.transitions()],
    };
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

/** Merges by event time. If both have an item for a time, the live one is taken. */
export function merge<T extends { readonly eventTime: number }>(
  stored: readonly T[],
  live: readonly T[],
): T[] {
  const byTime = new Map<number, T>();
  for (const one of stored) byTime.set(one.eventTime, one);
  for (const one of live) byTime.set(one.eventTime, one);
  return [...byTime.values()].sort((a, b) => a.eventTime - b.eventTime);
}
