/** How far ONNX is from the library. */
import assert from 'node:assert/strict';
import { floatsOf, openSession, tensor } from '../../../../models/onnx/session.ts';
import { forestToOnnx } from '../../../../models/learners/trees/forest-onnx.ts';
import type { Matrix } from '../../../../models/numbers/matrix.ts';
import type { Forest } from '../../../../models/learners/trees/forest.ts';

/** Largest difference between the ONNX model's probabilities and those that the library gave. */
export async function farthestFrom(
  expected: Float32Array,
  forest: Forest,
  { data, rows, columns }: Matrix,
): Promise<number> {
  const session = await openSession(forestToOnnx(forest));
  const said = floatsOf(await session.run({ features: tensor(data, [rows, columns]) }), 'probability');
  await session.release();
  assert.equal(said.length, expected.length);
  return said.reduce((most, p, i) => Math.max(most, Math.abs(p - (expected[i] ?? 0))), 0);
}
