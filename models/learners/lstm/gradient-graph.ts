/**
 * Builds the loss and gradients of the LSTM as one ONNX graph: a forward Scan over the steps, the head, and a Scan in
 * reverse order (back-propagation through time, derived by hand; Hochreiter and Schmidhuber 1997, with forget gates
 * of Gers et al. 2000). ONNX Runtime runs the graph; automatic differentiation is not needed.
 *
 * With a = x·W + h₋·R + b split into i, o, f, g:  i, o, f through σ, g through tanh;
 *   c = f·c₋ + i·g,  h = o·tanh c.
 * Backwards:  δo = δh·tanh c·o(1−o);  δc += δh·o·(1 − tanh²c);  δi = δc·g·i(1−i);  δg = δc·i·(1−g²);
 *   δf = δc·c₋·f(1−f);  δh₋ = δa·Rᵀ;  δc₋ = δc·f.
 */
import {
  encodeModel,
  node,
  type Graph,
  type GraphNode,
  type Initializer,
  type ValueInfo,
} from '../../onnx/model.ts';
import { prepareConstants, prepareInputs } from './lstm-onnx.ts';
import { parameterNames, parameterShapes, type Scaling } from './weights.ts';

/**
 * Inputs: `sequence` [rows, steps, channels], `labels` and `weights` [rows, 1], `start` [rows, hidden] of zeros,
 * and the parameters by name. Outputs: `loss` (Σ weight × binary cross-entropy) and `d.<parameter>`.
 */
export function gradientModel(channels: number, hidden: number, scaling: Scaling): Buffer {
  const shapes = parameterShapes(channels, hidden);
  const column: ValueInfo['shape'] = ['rows', 1];
  return encodeModel({
    name: 'lstm-gradients',
    inputs: [
      { name: 'sequence', shape: ['rows', 'steps', channels] },
      { name: 'labels', shape: column },
      { name: 'weights', shape: column },
      { name: 'start', shape: ['rows', hidden] },
      ...parameterNames.map((name) => ({ name, shape: shapes[name] })),
    ],
    outputs: [
      { name: 'loss', shape: [] },
      ...parameterNames.map((name) => ({ name: `d.${name}`, shape: shapes[name] })),
    ],
    initializers: [...prepareConstants(scaling), ...constants(channels, hidden)],
    nodes: [...prepareInputs, ...forward(hidden), ...head, ...backward(hidden), ...collect],
  });
}

const constants = (channels: number, hidden: number): Initializer[] => [
  { name: 'one', shape: [], floats: [1] },
  { name: 'gateSizes', shape: [4], ints: [hidden, hidden, hidden, hidden] },
  { name: 'flatInputs', shape: [2], ints: [-1, 2 * channels] },
  { name: 'flatHidden', shape: [2], ints: [-1, hidden] },
  { name: 'flatGates', shape: [2], ints: [-1, 4 * hidden] },
  { name: 'rowAxis', shape: [1], ints: [0] },
];

function forward(hidden: number): GraphNode[] {
  const state = values(['h', 'c'], hidden);
  const kept = ['i', 'o', 'f', 'g', 'tanhC', 'hBefore', 'cBefore'];
  const body: Graph = {
    name: 'step',
    inputs: [...values(['hPrev', 'cPrev'], hidden), ...values(['fromInput'], 4 * hidden)],
    outputs: [...state, ...values(kept, hidden)],
    nodes: [
      node('MatMul', ['hPrev', 'recurrent'], ['fromHidden']),
      node('Add', ['fromInput', 'fromHidden'], ['gates']),
      node('Split', ['gates', 'gateSizes'], ['ai', 'ao', 'af', 'ag'], { axis: { int: 1 } }),
      node('Sigmoid', ['ai'], ['i']),
      node('Sigmoid', ['ao'], ['o']),
      node('Sigmoid', ['af'], ['f']),
      node('Tanh', ['ag'], ['g']),
      node('Mul', ['f', 'cPrev'], ['remembered']),
      node('Mul', ['i', 'g'], ['learned']),
      node('Add', ['remembered', 'learned'], ['c']),
      node('Tanh', ['c'], ['tanhC']),
      node('Mul', ['o', 'tanhC'], ['h']),
      node('Identity', ['hPrev'], ['hBefore']),
      node('Identity', ['cPrev'], ['cBefore']),
    ],
  };
  return [
    node('MatMul', ['x', 'kernel'], ['xKernel']),
    node('Add', ['xKernel', 'bias'], ['xGates']),
    node('Scan', ['start', 'start', 'xGates'], ['hLast', 'cLast', ...kept.map((name) => `all.${name}`)], {
      body: { graph: body },
      num_scan_inputs: { int: 1 },
    }),
  ];
}

/** Binary cross-entropy from the log-odds z: softplus(z) − y·z; its derivative is σ(z) − y. */
const head: GraphNode[] = [
  node('MatMul', ['hLast', 'head'], ['zRaw']),
  node('Add', ['zRaw', 'headBias'], ['z']),
  node('Softplus', ['z'], ['softplus']),
  node('Mul', ['labels', 'z'], ['yz']),
  node('Sub', ['softplus', 'yz'], ['losses']),
  node('Mul', ['losses', 'weights'], ['weighted']),
  node('ReduceSum', ['weighted'], ['loss'], { keepdims: { int: 0 } }),
  node('Sigmoid', ['z'], ['p']),
  node('Sub', ['p', 'labels'], ['error']),
  node('Mul', ['error', 'weights'], ['dz']),
  node('Transpose', ['hLast'], ['hLastT']),
  node('MatMul', ['hLastT', 'dz'], ['d.head']),
  node('ReduceSum', ['dz', 'rowAxis'], ['d.headBias'], { keepdims: { int: 0 } }),
  node('Transpose', ['head'], ['headT']),
  node('MatMul', ['dz', 'headT'], ['dhLast']),
];

function backward(hidden: number): GraphNode[] {
  const kept = ['i', 'o', 'f', 'g', 'tanhC', 'cBefore'];
  const inner = kept.map((name) => `b.${name}`);
  /** `out` = factor × (1 − s) × s, the derivative through a sigmoid. */
  const throughSigmoid = (factor: string, s: string, out: string): GraphNode[] => [
    node('Sub', ['one', s], [`${out}.rest`]),
    node('Mul', [s, `${out}.rest`], [`${out}.slope`]),
    node('Mul', [factor, `${out}.slope`], [out]),
  ];
  /** `out` = factor × (1 − t²), the derivative through a tanh. */
  const throughTanh = (factor: string, t: string, out: string): GraphNode[] => [
    node('Mul', [t, t], [`${out}.square`]),
    node('Sub', ['one', `${out}.square`], [`${out}.slope`]),
    node('Mul', [factor, `${out}.slope`], [out]),
  ];
  const body: Graph = {
    name: 'stepBack',
    inputs: [...values(['dh', 'dcLater'], hidden), ...values(inner, hidden)],
    outputs: [...values(['dhPrev', 'dcPrev'], hidden), ...values(['dGates'], 4 * hidden)],
    nodes: [
      node('Mul', ['dh', 'b.tanhC'], ['dhTanhC']),
      ...throughSigmoid('dhTanhC', 'b.o', 'dao'),
      node('Mul', ['dh', 'b.o'], ['dhO']),
      ...throughTanh('dhO', 'b.tanhC', 'dcHere'),
      node('Add', ['dcLater', 'dcHere'], ['dc']),
      node('Mul', ['dc', 'b.g'], ['dcG']),
      ...throughSigmoid('dcG', 'b.i', 'dai'),
      node('Mul', ['dc', 'b.i'], ['dcI']),
      ...throughTanh('dcI', 'b.g', 'dag'),
      node('Mul', ['dc', 'b.cBefore'], ['dcC']),
      ...throughSigmoid('dcC', 'b.f', 'daf'),
      node('Concat', ['dai', 'dao', 'daf', 'dag'], ['dGates'], { axis: { int: 1 } }),
      node('MatMul', ['dGates', 'recurrentT'], ['dhPrev']),
      node('Mul', ['dc', 'b.f'], ['dcPrev']),
    ],
  };
  return [
    node('Transpose', ['recurrent'], ['recurrentT']),
    node(
      'Scan',
      ['dhLast', 'start', ...kept.map((name) => `all.${name}`)],
      ['dhFirst', 'dcFirst', 'allGates'],
      {
        body: { graph: body },
        num_scan_inputs: { int: kept.length },
        scan_input_directions: { ints: kept.map(() => 1) },
        scan_output_directions: { ints: [1] },
      },
    ),
  ];
}

/** The parameters' gradients are sums over steps and rows: one matrix product each. */
const collect: GraphNode[] = [
  node('Reshape', ['allGates', 'flatGates'], ['gates2d']),
  node('Reshape', ['x', 'flatInputs'], ['x2d']),
  node('Transpose', ['x2d'], ['x2dT']),
  node('MatMul', ['x2dT', 'gates2d'], ['d.kernel']),
  node('Reshape', ['all.hBefore', 'flatHidden'], ['h2d']),
  node('Transpose', ['h2d'], ['h2dT']),
  node('MatMul', ['h2dT', 'gates2d'], ['d.recurrent']),
  node('ReduceSum', ['gates2d', 'rowAxis'], ['d.bias'], { keepdims: { int: 0 } }),
];

const values = (names: readonly string[], width: number): ValueInfo[] =>
  names.map((name) => ({ name, shape: ['rows', width] }));
