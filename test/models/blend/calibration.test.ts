import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  calibrate,
  fitCalibration,
  fitIsotonic,
  fitPlatt,
  interpolate,
} from '../../../models/blend/calibration.ts';
import { logit, sigmoid } from '../../../models/numbers/matrix.ts';
import { logLoss } from '../../../models/numbers/score-metrics.ts';
import { SeededRandom } from '../../../base/random.ts';

/** Scores whose true probability is `truth(score)`. */
function draw(rows: number, truth: (score: number) => number, seed = 11) {
  const random = new SeededRandom(seed, 'calibration test');
  const scores = Float64Array.from({ length: rows }, () => random.uniform());
  const labels = scores.map((score) => (random.uniform() < truth(score) ? 1 : 0));
  return { scores, labels, group: scores.map((_, i) => i % 9) };
}

describe('calibration', () => {
  it('finds the sigmoid that made the labels (Platt)', () => {
    const { scores, labels } = draw(20_000, (score) => sigmoid(0.5 * logit(score) - 1));
    const fitted = fitPlatt(scores, labels);
    assert.ok(Math.abs(fitted.slope - 0.5) < 0.05, String(fitted.slope));
    assert.ok(Math.abs(fitted.intercept + 1) < 0.06, String(fitted.intercept));
  });

  it('finds the sigmoid of scores that are far too sure, where a full Newton step leaps away (Platt)', () => {
    const random = new SeededRandom(3, 'too sure');
    const truth = Float64Array.from({ length: 4000 }, () => random.normal() - 1);
    const labels = truth.map((odds) => (random.uniform() < sigmoid(odds) ? 1 : 0));
    for (const sureness of [3, 8, 20]) {
      const fitted = fitPlatt(
        truth.map((odds) => sigmoid(sureness * (odds + 2))),
        labels,
      );
      // What lies beyond 1 − 10⁻⁷ is cut off, so the slope is not exactly one over the sureness.
      assert.ok(fitted.slope > 0.02 && fitted.slope < 1, `${sureness}: ${JSON.stringify(fitted)}`);
      const after = truth.map((odds) => calibrate(fitted, sigmoid(sureness * (odds + 2))));
      const base = labels.reduce((sum, label) => sum + label, 0) / labels.length;
      assert.ok(
        logLoss(after, labels) <
          logLoss(
            labels.map(() => base),
            labels,
          ) -
            0.03,
        `${sureness}`,
      );
    }
  });

  it('pools adjacent violators', () => {
    // Ten rows a score; the middle two violate the order and become one step.
    const scores = [0.1, 0.4, 0.6, 0.9].flatMap((score) => new Array<number>(50).fill(score));
    const hits = [0, 25, 15, 50];
    const labels = hits.flatMap((count) => Array.from({ length: 50 }, (_, i) => (i < count ? 1 : 0)));
    const fitted = fitIsotonic(scores, labels);
    assert.equal(fitted.values.length, 3);
    assert.ok(Math.abs((fitted.values[1] ?? 0) - 0.4) < 0.01, String(fitted.values));
  });

  it('never falls when the score rises, whichever way was fitted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 1 })), {
          minLength: 12,
          maxLength: 80,
        }),
        (rows) => {
          const [scores, labels] = [rows.map(([s]) => s), rows.map(([, l]) => l)];
          for (const fitted of [fitPlatt(scores, labels), fitIsotonic(scores, labels)]) {
            const curve = Array.from({ length: 101 }, (_, i) => calibrate(fitted, i / 100));
            curve.forEach((value, i) => {
              assert.ok(value >= 0 && value <= 1);
              assert.ok(i === 0 || value >= (curve[i - 1] ?? 0) - 1e-12);
            });
          }
        },
      ),
    );
  });

  it('takes isotonic where a sigmoid cannot follow, and gains by it', () => {
    const step = draw(6000, (score) => (score < 0.5 ? 0.2 : 0.9));
    const fitted = fitCalibration(step.scores, step.labels, step.group);
    assert.equal(fitted.method, 'isotonic');
    const after = step.scores.map((score) => calibrate(fitted, score));
    assert.ok(logLoss(after, step.labels) < logLoss(step.scores, step.labels) - 0.05);
  });

  it('mostly takes Platt where rows are few and the truth is a sigmoid', () => {
    const seeds = Array.from({ length: 12 }, (_, seed) => seed);
    const methods = seeds.map((seed) => {
      const few = draw(150, (score) => sigmoid(0.7 * logit(score)), seed);
      return fitCalibration(few.scores, few.labels, few.group).method;
    });
    assert.ok(methods.filter((method) => method === 'platt').length > 6, methods.join());
  });

  it('interpolates between knots and is flat beyond them', () => {
    assert.deepEqual(
      [-1, 0, 0.5, 1, 2].map((x) => interpolate([0, 1], [10, 20], x)),
      [10, 10, 15, 20, 20],
    );
  });
});
