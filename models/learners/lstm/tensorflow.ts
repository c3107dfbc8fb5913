/**
 * The second engine: the forward pass of the same network, which TensorFlow.js differentiates. It is more than 20
 * times slower than the graph on ONNX Runtime. It serves to verify that graph, and users who have TensorFlow may
 * train with it. It uses `@tensorflow/tfjs-node` where it is installed, and plain JavaScript otherwise.
 */
import type * as Tensorflow from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { CastwatchError } from '../../../base/errors.ts';
import { inputLimit } from './lstm-onnx.ts';
import type { SequenceBatch, Engine } from './engine.ts';
import { parameterNames, parameterShapes, type LstmWeights, type ParameterName } from './weights.ts';

type Tf = typeof Tensorflow;
type Parameters = Readonly<Record<ParameterName, Tensor2D>>;

/** @throws CastwatchError ENVIRONMENT when TensorFlow.js is not installed */
export async function openTensorflow(shape: LstmWeights, steps: number): Promise<Engine> {
  const tf = await loadTensorflow();
  const shapes = parameterShapes(shape.channels, shape.hidden);
  return {
    async gradients(weights, batch) {
      const { value, grads } = tf.tidy(() => {
        const inputs = inputsByStep(tf, batch, shape, steps);
        const labels = tf.tensor2d(batch.labels, [batch.rows, 1]);
        const parameters = parameterNames.map((name) => tf.tensor(weights[name], [...shapes[name]]));
        const lossOf = (...given: Tensor[]): Scalar =>
          loss(tf, named(given as Tensor2D[]), inputs, labels, shape.hidden);
        return tf.valueAndGrads(lossOf)(parameters);
      });
      const slopes = await Promise.all(grads.map(async (slope) => (await slope.data()) as Float32Array));
      const [mean = Number.NaN] = await value.data();
      tf.dispose([value, ...grads]);
      return { loss: mean, slopes: named(slopes) };
    },
    close: () => Promise.resolve(),
  };
}

const named = <As>(values: readonly As[]): Record<ParameterName, As> =>
  Object.fromEntries(parameterNames.map((name, index) => [name, values[index]])) as Record<ParameterName, As>;

/**
 * Prepares inputs as the serving graph does: standardised, clipped, 0 and a mask of 1 where missing. One tensor a
 * step.
 */
function inputsByStep(
  tf: Tf,
  { rows, sequence }: SequenceBatch,
  { channels, scaling }: LstmWeights,
  steps: number,
): Tensor2D[] {
  return Array.from({ length: steps }, (_, step) => {
    const x = new Float32Array(rows * 2 * channels);
    for (let row = 0; row < rows; row += 1)
      for (let channel = 0; channel < channels; channel += 1) {
        const value = sequence[(row * steps + step) * channels + channel] ?? NaN;
        const scaled = (value - (scaling.center[channel] ?? 0)) / (scaling.spread[channel] ?? 1);
        const isMissing = Number.isNaN(value);
        const at = row * 2 * channels + channel;
        x[at] = isMissing ? 0 : Math.max(-inputLimit, Math.min(inputLimit, scaled));
        x[at + channels] = Number(isMissing);
      }
    return tf.tensor2d(x, [rows, 2 * channels]);
  });
}

/** Mean binary cross-entropy from the last hidden state's log-odds. Gates in the order i, o, f, g. */
function loss(tf: Tf, p: Parameters, inputs: readonly Tensor2D[], labels: Tensor2D, hidden: number): Scalar {
  const rows = labels.shape[0];
  let [h, c]: Tensor2D[] = [tf.zeros([rows, hidden]), tf.zeros([rows, hidden])];
  for (const x of inputs) {
    const gates = tf.add(tf.add(tf.matMul(x, p.kernel), tf.matMul(h ?? x, p.recurrent)), p.bias);
    const [i, o, f, g] = tf.split(gates, 4, 1);
    if (i === undefined || o === undefined || f === undefined || g === undefined) break;
    c = tf.add(tf.mul(tf.sigmoid(f), c ?? x), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    h = tf.mul(tf.sigmoid(o), tf.tanh(c));
  }
  const z = tf.add(tf.matMul(h ?? labels, p.head), p.headBias);
  return tf.mean(tf.sub(tf.softplus(z), tf.mul(labels, z)));
}

let loaded: Promise<Tf> | undefined;

const loadTensorflow = (): Promise<Tf> => (loaded ??= load());

async function load(): Promise<Tf> {
  try {
    const tf = await import('@tensorflow/tfjs-core');
    // Otherwise it prints a greeting on the terminal.
    tf.enableProdMode();
    // Only this package registers the gradients.
    await import('@tensorflow/tfjs-layers');
    if (!(await tryImport('@tensorflow/tfjs-node'))) await import('@tensorflow/tfjs-backend-cpu');
    await tf.ready();
    return tf;
  } catch (cause) {
    throw new CastwatchError('ENVIRONMENT', 'TensorFlow.js is not installed', {
      cause,
      remedy:
        'Run `npm install --no-save @tensorflow/tfjs-core @tensorflow/tfjs-layers @tensorflow/tfjs-backend-cpu`, or train with --lstm-trainer onnx.',
    });
  }
}

/** @returns false when the package is not installed or does not run on this Node */
async function tryImport(name: string): Promise<boolean> {
  try {
    await import(name);
    return true;
  } catch {
    return false;
  }
}
