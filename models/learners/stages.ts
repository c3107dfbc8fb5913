/** Chooses how long to train: the size (rounds, epochs) at which models are best on folds that they did not see. */
import { rocAuc } from '../numbers/score-metrics.ts';

/** A model after `size` rounds or epochs. */
export interface TrainingStage {
  readonly size: number;
  /** Its probabilities of the rows to predict. */
  readonly probabilities: Float32Array;
}

/** The stages of one fold, and the labels of the rows that they predict. */
export interface FoldStages {
  readonly stages: readonly TrainingStage[];
  readonly labels: ArrayLike<number>;
}

/**
 * Chooses the size with the highest mean ROC-AUC over the folds; of equal ones the smallest. Folds with only one
 * class are left out. Plain early stopping on one fold is too noisy where groups differ as much as runs of a plant
 * do.
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

/** The probabilities at a size; those of the last stage when no stage has that size. */
export function atSize(stages: readonly TrainingStage[], size: number): Float32Array {
  const stage = stages.find((each) => each.size === size) ?? stages.at(-1);
  return stage?.probabilities ?? new Float32Array();
}
