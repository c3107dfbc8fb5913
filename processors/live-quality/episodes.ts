/**
 * Remembers predictions that wait for their label. An episode is the smallest unit that a label can judge: a single
 * prediction, or all predictions for one piece by one bundle. Only the highest probability of an episode is kept.
 */
import type { Prediction } from '../../schemas/generated/types.ts';

export interface Episode {
  /** Event time of the first prediction, ms. */
  readonly first: number;
  /** Event time of the last prediction, ms. */
  last: number;
  /** The innermost piece's number; empty where labels judge spans of time. */
  readonly piece: string;
  readonly bundle: string;
  predictions: number;
  /** The highest probability; NaN while no prediction had one. */
  probability: number;
  /** Event time of the prediction with the highest probability, ms. */
  predictedAt: number;
  /** The threshold of that prediction. */
  threshold: number;
}

/** Adds a prediction. It must be later than all predictions before it. */
export function remember(episodes: Episode[], prediction: Prediction, piece: string): void {
  const { eventTime, bundle, threshold } = prediction;
  const probability = prediction.probability ?? NaN;
  const open = episodes.at(-1);
  if (piece === '' || open?.piece !== piece || open.bundle !== bundle) {
    const times = { first: eventTime, last: eventTime, predictedAt: eventTime };
    episodes.push({ ...times, piece, bundle, predictions: 1, probability, threshold });
    return;
  }
  open.last = eventTime;
  open.predictions++;
  if (Number.isNaN(probability) || probability <= open.probability) return;
  open.probability = probability;
  open.predictedAt = eventTime;
  open.threshold = threshold;
}

/** Removes the first run of neighbouring episodes that all satisfy `belongs`, and returns it. */
export function takeOut(episodes: Episode[], belongs: (episode: Episode) => boolean): readonly Episode[] {
  const from = episodes.findIndex(belongs);
  if (from === -1) return [];
  let end = from + 1;
  for (let next = episodes[end]; next !== undefined && belongs(next); next = episodes[end]) end++;
  return episodes.splice(from, end - from);
}

/** Returns the first episode with the highest probability; undefined when no episode has one. */
export function strongest(episodes: readonly Episode[]): Episode | undefined {
  let best: Episode | undefined;
  for (const episode of episodes) if (episode.probability > (best?.probability ?? -Infinity)) best = episode;
  return best;
}
