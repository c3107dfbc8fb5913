/** The contract of what differentiates the LSTM's loss: the rest of training is shared. */
import type { Gradients } from './adam.ts';
import type { LstmWeights } from './weights.ts';

/** ONNX Runtime on the hand-derived graph, or TensorFlow.js with its own differentiation. */
export const engineNames = ['onnx', 'tensorflow'] as const;
export type EngineName = (typeof engineNames)[number];

export interface SequenceBatch {
  readonly rows: number;
  /** [rows, steps, channels]; NaN missing. */
  readonly sequence: Float32Array;
  /** 0 or 1. */
  readonly labels: Float32Array;
}

export interface Engine {
  /** Mean binary cross-entropy of the batch, and its slope in every parameter. */
  gradients(
    weights: LstmWeights,
    batch: SequenceBatch,
  ): Promise<{ readonly loss: number; readonly slopes: Gradients }>;
  close(): Promise<void>;
}
