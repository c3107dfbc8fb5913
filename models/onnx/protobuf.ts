/** Writes the part of the Protocol Buffers wire format that ONNX needs: varint, 32-bit and length-delimited fields. */

const [wireVarint, wireBytes, wireFixed32] = [0, 2, 5];

function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const tag = (field: number, wire: number): Buffer => varint((field << 3) | wire);

/** Encodes int32, int64, enum or bool; negative numbers as 64-bit two's complement. */
export const int = (field: number, value: number | bigint): Buffer =>
  Buffer.concat([tag(field, wireVarint), varint(value)]);

export function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([tag(field, wireFixed32), bytes]);
}

/** Encodes bytes, a string as UTF-8, or an embedded message. */
export function bytes(field: number, value: Uint8Array | string): Buffer {
  const content = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([tag(field, wireBytes), varint(content.length), content]);
}

/** Encodes an embedded message of these fields. */
export const message = (field: number, fields: readonly Uint8Array[]): Buffer =>
  bytes(field, Buffer.concat(fields));

/** Encodes repeated int64, packed. */
export const ints = (field: number, values: readonly number[]): Buffer =>
  bytes(field, Buffer.concat(values.map(varint)));

/** Encodes repeated float, packed. */
export const floats = (field: number, values: ArrayLike<number>): Buffer => bytes(field, floatBytes(values));

/** The values as 32-bit floats, little-endian. */
export function floatBytes(values: ArrayLike<number>): Buffer {
  const content = Buffer.alloc(values.length * 4);
  for (let i = 0; i < values.length; i += 1) content.writeFloatLE(values[i] ?? 0, i * 4);
  return content;
}
