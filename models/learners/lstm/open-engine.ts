/** Opens an engine by its name. */
import { floatsOf, openSession, tensor } from '../../onnx/session.ts';
import type { Engine, EngineName } from './engine.ts';
import { gradientModel } from './gradient-graph.ts';
import { openTensorflow } from './tensorflow.ts';
import { parameterNames, parameterShapes, type LstmWeights, type ParameterName } from './weights.ts';

/** @param weights their shapes and scaling must be those of all later calls */
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
