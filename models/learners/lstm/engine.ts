/** Loss and gradients of one mini-batch: what a trainer of the LSTM is made of. The rest of training is shared. */
import { floatsOf, openSession, tensor } from '../../onnx/session.ts';
import type { Gradients } from './adam.ts';
import { gradientModel } from './gradient-graph.ts';
import { openTensorflow } from './tensorflow.ts';
import { parameterNames, parameterShapes, type LstmWeights, type ParameterName } from './weights.ts';

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

/** @param weights of the shapes and the scaling that all batches will have. */
export const openEngine = (name: EngineName, weights: LstmWeights, steps: number): Promise<Engine> =>
  name === 'onnx' ? openOnnx(weights, steps) : openTensorflow(weights, steps);

async function openOnnx({ channels, hidden, scaling }: LstmWeights, steps: number): Promise<Engine> {
  const session = await openSession(gradientModel(channels, hidden, scaling));
  const shapes = parameterShapes(channels, hidden);
  return {
    async gradients(weights, { rows, sequence, labels }) {
      const outputs = await session.run({
        sequence: tensor(sequence, [rows, steps, channels]),
        labels: tensor(labels, [rows, 1]),
        weights: tensor(new Float32Array(rows).fill(1 / rows), [rows, 1]),
        start: tensor(new Float32Array(rows * hidden), [rows, hidden]),
        ...Object.fromEntries(parameterNames.map((name) => [name, tensor(weights[name], shapes[name])])),
      });
      const slopes = parameterNames.map((name) => [name, floatsOf(outputs, `d.${name}`)] as const);
      return {
        loss: floatsOf(outputs, 'loss')[0] ?? Number.NaN,
        slopes: Object.fromEntries(slopes) as Record<ParameterName, Float32Array>,
      };
    },
    close: () => session.release(),
  };
}
