/** Reads the constants of an ONNX model that this project wrote, by name. */

/** One field of a Protocol Buffers message: a number, or the bytes of a fixed-size or length-delimited value. */
interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

const [wireVarint, wireFixed64, wireBytes, wireFixed32] = [0, 1, 2, 5];

function* fieldsOf(message: Uint8Array): Generator<Field> {
  let place = 0;
  const varint = (): number => {
    let [value, weight] = [0, 1];
    for (;;) {
      const byte = message[place++];
      if (byte === undefined) throw new RangeError('the message ends within a number');
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
      weight *= 128;
    }
  };
  const take = (length: number): Uint8Array => {
    if (place + length > message.length) throw new RangeError('the message ends within a field');
    return message.subarray(place, (place += length));
  };
  while (place < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case wireVarint:
        yield { number, value: varint() };
        break;
      case wireBytes:
        yield { number, value: take(varint()) };
        break;
      case wireFixed32:
        yield { number, value: take(4) };
        break;
      case wireFixed64:
        yield { number, value: take(8) };
        break;
      default:
        throw new RangeError(`field ${number} has a wire type that ONNX does not use`);
    }
  }
}

const messages = (message: Uint8Array, number: number): Uint8Array[] =>
  [...fieldsOf(message)].flatMap((field) =>
    field.number === number && typeof field.value !== 'number' ? [field.value] : [],
  );

/**
 * Reads the constants of 32-bit floats, by name. The field numbers are those of onnx.proto. In a model, the graph is
 * 7. In a graph, constants are 5. In a constant, the type is 2, the name 8, the bytes 9.
 * @throws RangeError when the bytes are not a Protocol Buffers message
 */
export function readFloats(model: Uint8Array): ReadonlyMap<string, Float32Array> {
  const constants = new Map<string, Float32Array>();
  for (const graph of messages(model, 7))
    for (const tensor of messages(graph, 5)) {
      const [name] = messages(tensor, 8);
      const [content] = messages(tensor, 9);
      const isFloat = [...fieldsOf(tensor)].some(({ number, value }) => number === 2 && value === 1);
      if (name === undefined || content === undefined || !isFloat) continue;
      // Copied, because floats must begin at a multiple of four bytes.
      constants.set(Buffer.from(name).toString(), new Float32Array(Uint8Array.from(content).buffer));
    }
  return constants;
}
