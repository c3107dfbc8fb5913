/** What a client has to know before increments make sense: stored history and the live tail, without a gap. */
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

/** How far back the charts go, by the asset's own newest time, ms. */
const scanSpan = 5 * 60_000;
const predictionSpan = 15 * 60_000;
const mostScans = 600;
const mostPredictions = 400;
/** Alerts in a snapshot: open ones, and of those lately raised. */
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
      // One asset after the other: a page of many assets is not to take all of the database's connections.
      for (const asset of assets) past = [...past, await stored(asset)];
      alerts = await storedAlerts('');
    } catch (error) {
      log.warn({ err: error }, 'a snapshot without history: the database could not be asked');
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

/** Whoever asks while the answer is under way gets the same one: when a gateway restarts, all its clients come at once. */
function shared<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const underWay = new Map<string, Promise<T>>();
  return (key) => {
    const answer = underWay.get(key) ?? ask(key).finally(() => underWay.delete(key));
    underWay.set(key, answer);
    return answer;
  };
}

/** By event time; where both have one, the live one. */
export function merge<T extends { readonly eventTime: number }>(
  stored: readonly T[],
  live: readonly T[],
): T[] {
  const byTime = new Map<number, T>();
  for (const one of stored) byTime.set(one.eventTime, one);
  for (const one of live) byTime.set(one.eventTime, one);
  return [...byTime.values()].sort((a, b) => a.eventTime - b.eventTime);
}
