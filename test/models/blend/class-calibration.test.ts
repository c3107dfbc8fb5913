import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  calibrateClasses,
  classLogLoss,
  fitClassCalibration,
} from '../../../models/blend/class-calibration.ts';
import { SeededRandom } from '../../../base/random.ts';

describe('the calibration of classes', () => {
  it('is softmax of slope × ln p + bias, by hand', () => {
    const p = calibrateClasses({ slope: 2, bias: [Math.log(2), 0] }, [0.25, 0.75]);
    // 2 × 1/16 against 9/16
    assert.ok(Math.abs((p[0] ?? 0) - 2 / 11) < 1e-12);
  });

  it('adds up to one, and leaves probabilities as they are with slope 1 and no bias', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 2, maxLength: 6 }),
        (weights) => {
          const total = weights.reduce((sum, each) => sum + each, 0);
          const raw = weights.map((each) => each / total);
          const same = calibrateClasses({ slope: 1, bias: raw.map(() => 0) }, raw);
          raw.forEach((each, i) => {
            assert.ok(Math.abs(each - (same[i] ?? 0)) < 1e-9);
          });
        },
      ),
    );
  });

  it('finds the slope and the biases that were removed', () => {
    // Rows with known true probabilities. The raw ones are twice as extreme, and wrong about class 2.
    const [rows, random] = [6000, new SeededRandom(5, 'classes')];
    const truth = { slope: 0.5, bias: [0.4, 0, -0.4] };
    const raw = new Float64Array(rows * 3);
    const classOf = Uint8Array.from({ length: rows }, (_, row) => {
      const scores = [random.normal(), random.normal(), random.normal()].map((z) => Math.exp(2 * z));
      const total = scores.reduce((sum, each) => sum + each, 0);
      raw.set(
        scores.map((score) => score / total),
        row * 3,
      );
      const p = calibrateClasses(truth, raw.subarray(row * 3, row * 3 + 3));
      const drawn = random.uniform();
      return drawn < (p[0] ?? 0) ? 0 : drawn < (p[0] ?? 0) + (p[1] ?? 0) ? 1 : 2;
    });
    const fitted = fitClassCalibration(raw, classOf, 3);
    assert.ok(Math.abs(fitted.slope - truth.slope) < 0.04, String(fitted.slope));
    fitted.bias.forEach((each, i) => {
      assert.ok(Math.abs(each - (truth.bias[i] ?? 0)) < 0.08, String(fitted.bias));
    });
    const calibrated = Float64Array.from(raw);
    for (let row = 0; row < rows; row += 1)
      calibrated.set(calibrateClasses(fitted, raw.subarray(row * 3, row * 3 + 3)), row * 3);
    assert.ok(classLogLoss(calibrated, classOf, 3) < classLogLoss(raw, classOf, 3));
  });
});
