/**
 * The memory of predictions that wait for their label. An episode is what one label may judge at the least: a
 * single prediction, or all those of one piece by one bundle. Of an episode only the highest probability is kept.
 */
import type { Prediction } from '../../schemas/generated/types.ts';

export interface Episode {
  /** Event times of its first and its last prediction, ms. */
  readonly first: number;
  last: number;
  /** Number of the innermost piece; empty where labels judge spans of time. */
  readonly piece: string;
  readonly bundle: string;
  predictions: number;
  /** The highest; NaN while none had one. */
  probability: number;
  /** When the highest was predicted, and the threshold then. */
  predictedAt: number;
  threshold: number;
}

/** Takes in a prediction that is later than all before it. */
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

/** Takes out the first that `belongs` chooses and those right behind it that it chooses too. */
export function takeOut(episodes: Episode[], belongs: (episode: Episode) => boolean): readonly Episode[] {
  const from = episodes.findIndex(belongs);
  if (from === -1) return [];
  let end = from + 1;
  for (let next = episodes[end]; next !== undefined && belongs(next); next = episodes[end]) end++;
  return episodes.splice(from, end - from);
}

/** The first of those with the highest probability; undefined where none has one. */
export function strongest(episodes: readonly Episode[]): Episode | undefined {
  let best: Episode | undefined;
  for (const episode of episodes) if (episode.probability > (best?.probability ?? -Infinity)) best = episode;
  return best;
}
