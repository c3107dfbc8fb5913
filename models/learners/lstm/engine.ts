/**
 * The contract of an engine, which computes the gradients of the LSTM's loss. All engines share the rest of training.
 */
import type { Gradients } from './adam.ts';
import type { LstmWeights } from './weights.ts';

/** `onnx`: ONNX Runtime on a graph derived by hand. `tensorflow`: TensorFlow.js with its automatic differentiation. */
export const engineNames = ['onnx', 'tensorflow'] as const;
export type EngineName = (typeof engineNames)[number];

export interface SequenceBatch {
  readonly rows: number;
  /** [rows, steps, channels]; NaN means missing. */
  readonly sequence: Float32Array;
  /** 0 or 1. */
  readonly labels: Float32Array;
}

export interface Engine {
  /** Computes the mean binary cross-entropy of the batch, and its gradient for every parameter. */
  gradients(
    weights: LstmWeights,
    batch: SequenceBatch,
  ): Promise<{ readonly loss: number; readonly slopes: Gradients }>;
  close(): Promise<void>;
}
