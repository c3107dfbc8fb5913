/** Converts the LSTM to ONNX, and defines the input graph that both serving and training use. */
import type { LstmWeights, Scaling } from './weights.ts';
import { encodeModel, node, type Graph, type GraphNode, type Initializer } from '../../onnx/model.ts';
import { readFloats } from '../../onnx/read-model.ts';

/** Inputs are clipped at this number of standard deviations: beyond it, more distance means nothing. */
export const inputLimit = 8;

/**
 * Turns `sequence` [rows, steps, channels], where NaN means missing, into `x` [steps, rows, 2 × channels]. Each
 * channel is standardised as in training. A missing value becomes 0, which is the channel's mean, and a 1 in its mask
 * channel.
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
 * The model's input is `sequence` [rows, steps, channels], oldest step first, NaN for missing. Its outputs are `margin`
 * (log-odds) and `probability`, both [rows, 1], from the last hidden state.
 * @param steps the fixed length of the sequence
 */
export function lstmToOnnx(weights: LstmWeights, steps: number): Buffer {
  return encodeModel(lstmGraph(weights, steps, floatLayer(weights)));
}

/**
 * The same model with 8-bit weights, one scale for each gate's column. ONNX Runtime rounds the inputs to 8 bits when
 * it runs the model (its operator `DynamicQuantizeLSTM`). It rounds by the largest input of the batch, so a row's
 * answer depends a little on the other rows of its batch.
 */
export function lstmToInt8Onnx(weights: LstmWeights, steps: number): Buffer {
  const { channels, hidden } = weights;
  const [inputs, gates] = [2 * channels, 4 * hidden];
  const W = toInt8(weights.kernel, gates);
  const R = toInt8(weights.recurrent, gates);
  return encodeModel(
    lstmGraph(weights, steps, {
      constants: [
        { name: 'W', shape: [1, inputs, gates], int8s: W.values },
        { name: 'R', shape: [1, hidden, gates], int8s: R.values },
        { name: 'WScale', shape: [1, gates], floats: W.scales },
        { name: 'RScale', shape: [1, gates], floats: R.scales },
        { name: 'zeroPoint', shape: [1, gates], int8s: new Int8Array(gates) },
      ],
      layer: {
        ...node(
          'DynamicQuantizeLSTM',
          ['x', 'W', 'R', 'B', '', '', '', '', 'WScale', 'zeroPoint', 'RScale', 'zeroPoint'],
          ['', 'lastHidden'],
          { hidden_size: { int: hidden } },
        ),
        domain: 'com.microsoft',
      },
    }),
  );
}

/** The recurrent layer, from `x` and `B` to `lastHidden`, and the constants that it needs. */
interface Layer {
  readonly constants: readonly Initializer[];
  readonly layer: GraphNode;
}

function floatLayer({ channels, hidden, kernel, recurrent }: LstmWeights): Layer {
  const [inputs, gates] = [2 * channels, 4 * hidden];
  return {
    constants: [
      { name: 'W', shape: [1, gates, inputs], floats: transpose(kernel, inputs, gates) },
      { name: 'R', shape: [1, gates, hidden], floats: transpose(recurrent, hidden, gates) },
    ],
    layer: node('LSTM', ['x', 'W', 'R', 'B'], ['', 'lastHidden'], { hidden_size: { int: hidden } }),
  };
}

function lstmGraph(weights: LstmWeights, steps: number, { constants, layer }: Layer): Graph {
  const { channels, hidden } = weights;
  const gates = 4 * hidden;
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
      ...constants,
      { name: 'B', shape: [1, 2 * gates], floats: bias },
      { name: 'head', shape: [hidden, 1], floats: weights.head },
      { name: 'headBias', shape: [1], floats: weights.headBias },
      { name: 'firstAxis', shape: [1], ints: [0] },
    ],
    nodes: [
      ...prepareInputs,
      layer,
      node('Squeeze', ['lastHidden', 'firstAxis'], ['h']),
      node('MatMul', ['h', 'head'], ['raw']),
      node('Add', ['raw', 'headBias'], ['margin']),
      node('Sigmoid', ['margin'], ['probability']),
    ],
  };
}

/**
 * Reads the weights of a model that {@link lstmToOnnx} made.
 * @throws RangeError when the model has another origin
 */
export function lstmFromOnnx(model: Uint8Array): LstmWeights {
  const constants = readFloats(model);
  const floats = (name: string): Float32Array => {
    const found = constants.get(name);
    if (found === undefined) throw new RangeError(`the model has no constant "${name}" of floats`);
    return found;
  };
  const [center, head] = [floats('center'), floats('head')];
  const [channels, hidden] = [center.length, head.length];
  const gates = 4 * hidden;
  return {
    channels,
    hidden,
    scaling: { center, spread: floats('spread') },
    kernel: transpose(floats('W'), gates, 2 * channels),
    recurrent: transpose(floats('R'), gates, hidden),
    bias: floats('B').slice(0, gates),
    head,
    headBias: floats('headBias'),
  };
}

/** Rounds each column to 8 bits, in steps of its largest value ÷ 127. @param values [rows, columns] */
function toInt8(values: Float32Array, columns: number): { values: Int8Array; scales: Float32Array } {
  const scales = new Float32Array(columns);
  values.forEach((value, i) => {
    scales[i % columns] = Math.max(scales[i % columns] ?? 0, Math.abs(value) / 127);
  });
  const small = Int8Array.from(values, (value, i) => {
    const scale = scales[i % columns] ?? 0;
    return scale === 0 ? 0 : Math.round(value / scale);
  });
  return { values: small, scales };
}

/** Turns [rows, columns] into [columns, rows]. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) turned[c * rows + r] = values[r * columns + c] ?? 0;
  }
  return turned;
}
