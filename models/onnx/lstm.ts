/** The LSTM as ONNX, and the graph in front of it that both serving and training use. */
import type { LstmWeights, Scaling } from '../lstm/weights.ts';
import { encodeModel, node } from './model.ts';
import type { Graph, GraphNode, Initializer } from './model.ts';

/** Inputs beyond this many standard deviations say no more than "far outside". */
export const inputLimit = 8;

/**
 * From `sequence` [rows, steps, channels] with NaN for missing to `x` [steps, rows, 2 × channels]: each channel is
 * standardised as in training; a missing value becomes 0, the channel's mean, and a 1 in its own mask channel.
 */
export const prepareInputs: readonly GraphNode[] = [
  node('IsNaN', ['sequence'], ['missing']),
  node('Cast', ['missing'], ['mask'], { to: { int: 1 } }),
  node('Sub', ['sequence', 'center'], ['centered']),
  node('Div', ['centered', 'spread'], ['scaled']),
  node('Where', ['missing', 'zero', 'scaled'], ['filled']),
  node('Clip', ['filled', 'lowest', 'highest'], ['clipped']),
  node('Concat', ['clipped', 'mask'], ['masked'], { axis: { int: 2 } }),
  node('Transpose', ['masked'], ['x'], { perm: { ints: [1, 0, 2] } }),
];

export const prepareConstants = ({ center, spread }: Scaling): Initializer[] => [
  { name: 'center', shape: [center.length], floats: center },
  { name: 'spread', shape: [spread.length], floats: spread },
  { name: 'zero', shape: [], floats: [0] },
  { name: 'lowest', shape: [], floats: [-inputLimit] },
  { name: 'highest', shape: [], floats: [inputLimit] },
];

/**
 * Input `sequence` [rows, steps, channels], oldest first, NaN missing; outputs `margin` (log-odds) and
 * `probability`, both [rows, 1], from the last hidden state.
 * @param steps fixed length of the sequence.
 */
export function lstmToOnnx(weights: LstmWeights, steps: number): Buffer {
  return encodeModel(lstmGraph(weights, steps));
}

function lstmGraph(weights: LstmWeights, steps: number): Graph {
  const { channels, hidden } = weights;
  const [inputs, gates] = [2 * channels, 4 * hidden];
  const bias = new Float32Array(2 * gates);
  bias.set(weights.bias);
  return {
    name: 'lstm',
    inputs: [{ name: 'sequence', shape: ['rows', steps, channels] }],
    outputs: [
      { name: 'margin', shape: ['rows', 1] },
      { name: 'probability', shape: ['rows', 1] },
    ],
    initializers: [
      ...prepareConstants(weights.scaling),
      { name: 'W', shape: [1, gates, inputs], floats: transpose(weights.kernel, inputs, gates) },
      { name: 'R', shape: [1, gates, hidden], floats: transpose(weights.recurrent, hidden, gates) },
      { name: 'B', shape: [1, 2 * gates], floats: bias },
      { name: 'head', shape: [hidden, 1], floats: weights.head },
      { name: 'headBias', shape: [1], floats: weights.headBias },
      { name: 'firstAxis', shape: [1], ints: [0] },
    ],
    nodes: [
      ...prepareInputs,
      node('LSTM', ['x', 'W', 'R', 'B'], ['', 'lastHidden'], { hidden_size: { int: hidden } }),
      node('Squeeze', ['lastHidden', 'firstAxis'], ['h']),
      node('MatMul', ['h', 'head'], ['raw']),
      node('Add', ['raw', 'headBias'], ['margin']),
      node('Sigmoid', ['margin'], ['probability']),
    ],
  };
}

/** [rows, columns] → [columns, rows]. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) turned[c * rows + r] = values[r * columns + c] ?? 0;
  }
  return turned;
}
