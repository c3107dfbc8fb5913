/**
 * Predictions that wait for their label. An episode is the smallest unit that a label can judge: a single prediction, or
 * all predictions for one piece by one bundle. Only the highest probability of an episode is kept.
 */
import type { Prediction } from '../../schemas/generated/types.ts';
import type { EpisodeList } from './episode-list.ts';

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

/**
 * Adds a prediction. It must be later than all predictions before it.
 * @returns the oldest episodes, which had to go because there were too many; usually none
 */
export function remember(
  episodes: EpisodeList,
  prediction: Prediction,
  piece: string,
  mostBytes: number,
): readonly Episode[] {
  const { eventTime, bundle, threshold } = prediction;
  const probability = prediction.probability ?? NaN;
  const last = piece === '' ? undefined : episodes.last;
  const open = last?.piece === piece && last.bundle === bundle ? episodes.openLast() : undefined;
  if (open === undefined) {
    const times = { first: eventTime, last: eventTime, predictedAt: eventTime };
    return episodes.push({ ...times, piece, bundle, predictions: 1, probability, threshold }, mostBytes);
  }
  open.last = eventTime;
  open.predictions++;
  if (Number.isNaN(probability) || probability <= open.probability) return none;
  open.probability = probability;
  open.predictedAt = eventTime;
  open.threshold = threshold;
  return none;
}

const none: readonly Episode[] = [];

/** Returns the first episode with the highest probability; undefined when no episode has one. */
export function strongest(episodes: readonly Episode[]): Episode | undefined {
  let best: Episode | undefined;
  for (const episode of episodes) if (episode.probability > (best?.probability ?? -Infinity)) best = episode;
  return best;
}
