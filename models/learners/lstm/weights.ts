/** The parameters of one LSTM layer with a logistic head. */
import { at, rowOf, type Matrix } from '../../numbers/matrix.ts';
import type { SeededRandom } from '../../../base/random.ts';

/** Mean and standard deviation of each channel over the training rows; both are [channels]. */
export interface Scaling {
  readonly center: Float32Array;
  readonly spread: Float32Array;
}

/**
 * The gates are in ONNX's order: input, output, forget, cell. The inputs are the channels and then one mask per
 * channel, 2 × channels in total.
 */
export interface LstmWeights {
  readonly channels: number;
  readonly hidden: number;
  readonly scaling: Scaling;
  /** [2 × channels, 4 × hidden] */
  readonly kernel: Float32Array;
  /** [hidden, 4 × hidden] */
  readonly recurrent: Float32Array;
  /** [4 × hidden] */
  readonly bias: Float32Array;
  /** [hidden, 1] */
  readonly head: Float32Array;
  /** [1] */
  readonly headBias: Float32Array;
}

/** The trained arrays, in the order of the gradients. */
export const parameterNames = ['kernel', 'recurrent', 'bias', 'head', 'headBias'] as const;
export type ParameterName = (typeof parameterNames)[number];

export function parameterShapes(channels: number, hidden: number): Record<ParameterName, readonly number[]> {
  return {
    kernel: [2 * channels, 4 * hidden],
    recurrent: [hidden, 4 * hidden],
    bias: [4 * hidden],
    head: [hidden, 1],
    headBias: [1],
  };
}

/**
 * Draws weights uniformly by fan-in and fan-out (Glorot and Bengio, 2010). The forget bias is 1 (Jozefowicz et al.,
 * 2015). Masks start with weight 0.
 */
export function initialWeights(
  channels: number,
  hidden: number,
  scaling: Scaling,
  random: SeededRandom,
): LstmWeights {
  const glorot = (length: number, fan: number): Float32Array => {
    const limit = Math.sqrt(6 / fan);
    return Float32Array.from({ length }, () => (2 * random.uniform() - 1) * limit);
  };
  const kernel = glorot(2 * channels * 4 * hidden, channels + hidden);
  kernel.fill(0, channels * 4 * hidden);
  const bias = new Float32Array(4 * hidden);
  bias.fill(1, 2 * hidden, 3 * hidden);
  return {
    channels,
    hidden,
    scaling,
    kernel,
    recurrent: glorot(hidden * 4 * hidden, 2 * hidden),
    bias,
    head: glorot(hidden, hidden + 1),
    headBias: new Float32Array(1),
  };
}

/**
 * @param sequences [rows × steps × channels], NaN for missing
 * @param rows the training rows
 */
export function scalingOf(sequences: Matrix, channels: number, rows: Uint32Array): Scaling {
  const count = new Float64Array(channels);
  const mean = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (const row of rows) {
    rowOf(sequences, row).forEach((value, index) => {
      if (!Number.isFinite(value)) return;
      const channel = index % channels;
      const n = (count[channel] = at(count, channel) + 1);
      const delta = value - at(mean, channel);
      const now = (mean[channel] = at(mean, channel) + delta / n);
      squares[channel] = at(squares, channel) + delta * (value - now);
    });
  }
  return {
    center: Float32Array.from(mean),
    spread: Float32Array.from(
      squares,
      (sum, channel) => Math.sqrt(sum / Math.max(1, at(count, channel))) || 1,
    ),
  };
}
