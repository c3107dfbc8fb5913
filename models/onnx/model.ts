/**
 * Encodes ONNX models: nodes, attributes, tensors, graphs (onnx.proto, IR version 8; opset 17, ai.onnx.ml 3, and ONNX
 * Runtime's com.microsoft 1). The field numbers are those of onnx.proto.
 */
import { bytes, float, floatBytes, floats, int, ints, message } from './protobuf.ts';

/** A dimension: a size, or a name for any size. */
export type Dimension = number | string;

export interface ValueInfo {
  readonly name: string;
  readonly shape: readonly Dimension[];
}

/** A constant of 32-bit floats, 64-bit integers or signed bytes. */
export type Initializer = {
  readonly name: string;
  readonly shape: readonly number[];
} & (
  | { readonly floats: ArrayLike<number> }
  | { readonly ints: readonly number[] }
  | { readonly int8s: Int8Array }
);

export type Attribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly text: string }
  | { readonly floats: ArrayLike<number> }
  | { readonly ints: readonly number[] }
  | { readonly texts: readonly string[] }
  | { readonly graph: Graph };

export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly domain?: 'ai.onnx.ml' | 'com.microsoft';
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers?: readonly Initializer[];
  readonly nodes: readonly GraphNode[];
}

/** Describes `op(inputs) → outputs`. */
export function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): GraphNode {
  return { op, inputs, outputs, attributes };
}

const [elementFloat, elementInt8, elementInt64] = [1, 3, 7];

/** Encodes the bytes of an .onnx file. The same graph gives the same bytes. */
export function encodeModel(graph: Graph): Buffer {
  return Buffer.concat([
    int(1, 8),
    bytes(2, 'castwatch'),
    message(7, encodeGraph(graph)),
    message(8, [bytes(1, ''), int(2, 17)]),
    message(8, [bytes(1, 'ai.onnx.ml'), int(2, 3)]),
    ...(graph.nodes.some(({ domain }) => domain === 'com.microsoft')
      ? [message(8, [bytes(1, 'com.microsoft'), int(2, 1)])]
      : []),
  ]);
}

const encodeGraph = (graph: Graph): Buffer[] => [
  ...graph.nodes.map((item) => message(1, encodeNode(item))),
  bytes(2, graph.name),
  ...(graph.initializers ?? []).map((tensor) => message(5, encodeTensor(tensor))),
  ...graph.inputs.map((value) => message(11, encodeValueInfo(value))),
  ...graph.outputs.map((value) => message(12, encodeValueInfo(value))),
];

const encodeNode = (item: GraphNode): Buffer[] => [
  ...item.inputs.map((name) => bytes(1, name)),
  ...item.outputs.map((name) => bytes(2, name)),
  bytes(4, item.op),
  ...Object.entries(item.attributes ?? {}).map(([name, value]) =>
    message(5, [bytes(1, name), ...encodeAttribute(value)]),
  ),
  ...(item.domain === undefined ? [] : [bytes(7, item.domain)]),
];

/** Encodes the value, and its kind in field 20. */
function encodeAttribute(value: Attribute): Buffer[] {
  if ('float' in value) return [float(2, value.float), int(20, 1)];
  if ('int' in value) return [int(3, value.int), int(20, 2)];
  if ('text' in value) return [bytes(4, value.text), int(20, 3)];
  if ('graph' in value) return [message(6, encodeGraph(value.graph)), int(20, 5)];
  if ('floats' in value) return [floats(7, value.floats), int(20, 6)];
  if ('ints' in value) return [ints(8, value.ints), int(20, 7)];
  return [...value.texts.map((text) => bytes(9, text)), int(20, 8)];
}

function encodeTensor(tensor: Initializer): Buffer[] {
  const [element, content] = encodeElements(tensor);
  return [ints(1, tensor.shape), int(2, element), bytes(8, tensor.name), bytes(9, content)];
}

/** @returns the element type, and the values as little-endian bytes */
function encodeElements(tensor: Initializer): [number, Uint8Array] {
  if ('floats' in tensor) return [elementFloat, floatBytes(tensor.floats)];
  if ('int8s' in tensor)
    return [elementInt8, new Uint8Array(tensor.int8s.buffer, tensor.int8s.byteOffset, tensor.int8s.length)];
  return [elementInt64, Buffer.from(BigInt64Array.from(tensor.ints, BigInt).buffer)];
}

function encodeValueInfo(value: ValueInfo): Buffer[] {
  const dimensions = value.shape.map((size) =>
    message(1, [typeof size === 'number' ? int(1, size) : bytes(2, size)]),
  );
  const tensorType = [int(1, elementFloat), message(2, dimensions)];
  return [bytes(1, value.name), message(2, [message(1, tensorType)])];
}
