import assert from 'node:assert/strict';
import { initialWeights } from '../../../../models/learners/lstm/weights.ts';
import { lstmFromOnnx, lstmToInt8Onnx, lstmToOnnx } from '../../../../models/learners/lstm/lstm-onnx.ts';
import { encodeModel } from '../../../../models/onnx/model.ts';
import { floatsOf, openSession, tensor } from '../../../../models/onnx/session.ts';
import { SeededRandom } from '../../../../base/random.ts';

const [channels, hidden, steps] = [3, 8, 12];
const width = steps * channels;
const random = new SeededRandom(5, 'quantised test');
const scaling = { center: Float32Array.of(0.5, -1, 0), spread: Float32Array.of(2, 1, 0.5) };
const weights = initialWeights(channels, hidden, scaling, random);
const sequences = (rows: number): Float32Array =>
  Float32Array.from({ length: rows * width }, () => (random.uniform() < 0.1 ? Number.NaN : random.normal()));

async function margins(model: Uint8Array, rows: Float32Array): Promise<Float32Array> {
  const session = await openSession(model);
  const outputs = await session.run({ sequence: tensor(rows, [rows.length / width, steps, channels]) });
  await session.release();
  return floatsOf(outputs, 'margin');
}

describe('the LSTM in 8 bits', () => {
  it('is made of the weights that the ONNX file holds, bit for bit', () => {
    assert.deepEqual(lstmFromOnnx(lstmToOnnx(weights, steps)), weights);
  });

  it('is not made of another model, and says what is missing', () => {
    const other = encodeModel({ name: 'x', inputs: [], outputs: [], nodes: [] });
    assert.throws(() => lstmFromOnnx(other), /no constant "center" of floats/);
    assert.throws(() => lstmFromOnnx(lstmToOnnx(weights, steps).subarray(0, 200)), RangeError);
  });

  it('says nearly the same as the full one, at a fraction of the size', async () => {
    const large = initialWeights(channels, 64, scaling, random);
    const [full, int8] = [lstmToOnnx(large, steps), lstmToInt8Onnx(large, steps)];
    assert.ok(int8.length < full.length / 3, `${int8.length} of ${full.length} bytes`);
    const rows = sequences(50);
    const [expected, got] = [await margins(full, rows), await margins(int8, rows)];
    const spread = Math.max(...expected) - Math.min(...expected);
    let most = 0;
    got.forEach((margin, row) => {
      most = Math.max(most, Math.abs(margin - (expected[row] ?? Number.NaN)));
    });
    assert.ok(most > 0 && most < spread / 20, `${most} in ${spread}`);
  });

  it('gives a row another answer in a batch with large values, which is why it runs row by row', async () => {
    const row = Float32Array.from({ length: width }, () => 0.3 * random.normal());
    const far = new Float32Array(width).fill(50);
    const int8 = lstmToInt8Onnx(weights, steps);
    const [alone] = await margins(int8, row);
    const [beside] = await margins(int8, Float32Array.of(...row, ...far));
    assert.notEqual(alone, beside);
    const full = lstmToOnnx(weights, steps);
    assert.equal((await margins(full, row))[0], (await margins(full, Float32Array.of(...row, ...far)))[0]);
  });
});
