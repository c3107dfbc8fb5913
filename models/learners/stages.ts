/** How long to train: the size (rounds, epochs) at which models do best on folds that they did not see. */
import { rocAuc } from '../numbers/score-metrics.ts';

/** A model as it was after so many rounds or epochs. */
export interface TrainingStage {
  readonly size: number;
  /** Of the rows that were to be predicted. */
  readonly probabilities: Float32Array;
}

/** One fold's stages and the labels of its predicted rows. */
export interface FoldStages {
  readonly stages: readonly TrainingStage[];
  readonly labels: ArrayLike<number>;
}

/**
 * The size with the highest mean ROC-AUC over the folds; the smaller of equal ones. Folds with one class say nothing.
 * One fold alone (plain early stopping) is too noisy a guide where groups differ as much as runs of a plant do.
 */
export function chooseSize(folds: readonly FoldStages[]): number {
  const telling = folds.filter(({ labels }) => new Set(Array.from(labels)).size > 1);
  let best = { size: folds[0]?.stages.at(-1)?.size ?? 0, score: Number.NEGATIVE_INFINITY };
  for (const { size } of telling[0]?.stages ?? []) {
    const scores = telling.map(({ stages, labels }) => rocAuc(atSize(stages, size), labels));
    const score = scores.reduce((sum, each) => sum + each, 0) / scores.length;
    if (score > best.score) best = { size, score };
  }
  return best.size;
}

/** The probabilities at a size; of the last stage when there is none of that size. */
export function atSize(stages: readonly TrainingStage[], size: number): Float32Array {
  const stage = stages.find((each) => each.size === size) ?? stages.at(-1);
  return stage?.probabilities ?? new Float32Array();
}
