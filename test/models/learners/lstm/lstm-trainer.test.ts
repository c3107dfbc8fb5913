import assert from 'node:assert/strict';
import { fitLstm, type LstmJob } from '../../../../models/learners/lstm/fit.ts';
import { gradientModel } from '../../../../models/learners/lstm/gradient-graph.ts';
import {
  initialWeights,
  parameterNames,
  parameterShapes,
  scalingOf,
  type LstmWeights,
} from '../../../../models/learners/lstm/weights.ts';
import { trainLstm } from '../../../../models/learners/lstm/lstm-trainer.ts';
import { matrix, sigmoid } from '../../../../models/numbers/matrix.ts';
import { rocAuc } from '../../../../models/numbers/score-metrics.ts';
import { inputLimit, lstmToOnnx } from '../../../../models/learners/lstm/lstm-onnx.ts';
import { floatsOf, openSession, tensor, type Session } from '../../../../models/onnx/session.ts';
import { SeededRandom } from '../../../../base/random.ts';

const [channels, hidden, steps, rows] = [3, 5, 7, 6];

function someWeights(): LstmWeights {
  const random = new SeededRandom(2, 'lstm test');
  const scaling = { center: Float32Array.of(0.5, -1, 0), spread: Float32Array.of(2, 1, 0.5) };
  const weights = initialWeights(channels, hidden, scaling, random);
  // Masks start at 0, which would hide mistakes in their gradients.
  for (const name of parameterNames)
    weights[name].forEach((value, i) => (weights[name][i] = value + 0.2 * random.normal()));
  return weights;
}

function someSequences(): Float32Array {
  const random = new SeededRandom(3, 'lstm test');
  return Float32Array.from({ length: rows * steps * channels }, () =>
    random.uniform() < 0.15 ? Number.NaN : 2 * random.normal(),
  );
}

/** The textbook's recurrence, number by number. */
function byHand(weights: LstmWeights, sequence: Float32Array): number {
  const { center, spread } = weights.scaling;
  let [h, c] = [new Array<number>(hidden).fill(0), new Array<number>(hidden).fill(0)];
  for (let step = 0; step < steps; step += 1) {
    const x = new Array<number>(2 * channels).fill(0);
    for (let channel = 0; channel < channels; channel += 1) {
      const value = sequence[step * channels + channel] ?? 0;
      const scaled = (value - (center[channel] ?? 0)) / (spread[channel] ?? 1);
      x[channel] = Number.isNaN(value) ? 0 : Math.max(-inputLimit, Math.min(inputLimit, scaled));
      x[channels + channel] = Number.isNaN(value) ? 1 : 0;
    }
    const gate = (kind: number, unit: number): number => {
      const column = kind * hidden + unit;
      const dot = (vector: readonly number[], kernel: Float32Array): number =>
        vector.reduce((sum, value, i) => sum + value * (kernel[i * 4 * hidden + column] ?? 0), 0);
      return dot(x, weights.kernel) + dot(h, weights.recurrent) + (weights.bias[column] ?? 0);
    };
    const units = Array.from({ length: hidden }, (_, unit) => unit);
    const before = c;
    c = units.map(
      (u) => sigmoid(gate(2, u)) * (before[u] ?? 0) + sigmoid(gate(0, u)) * Math.tanh(gate(3, u)),
    );
    const now = c;
    h = units.map((u) => sigmoid(gate(1, u)) * Math.tanh(now[u] ?? 0));
  }
  return h.reduce((sum, value, unit) => sum + value * (weights.head[unit] ?? 0), weights.headBias[0] ?? 0);
}

describe('the LSTM as ONNX', () => {
  it('computes the recurrence, with missing values masked and far ones clipped', async () => {
    const [weights, sequences] = [someWeights(), someSequences()];
    sequences[4] = 1000;
    const session = await openSession(lstmToOnnx(weights, steps));
    const outputs = await session.run({ sequence: tensor(sequences, [rows, steps, channels]) });
    floatsOf(outputs, 'margin').forEach((margin, row) => {
      const expected = byHand(
        weights,
        sequences.subarray(row * steps * channels, (row + 1) * steps * channels),
      );
      assert.ok(Math.abs(margin - expected) < 1e-5, `${margin} instead of ${expected}`);
    });
    await session.release();
  });
});

describe('the gradient graph', () => {
  const labels = Float32Array.of(1, 0, 1, 1, 0, 0);
  const rowWeights = Float32Array.of(0.3, 0.1, 0.1, 0.2, 0.2, 0.1);

  async function run(session: Session, weights: LstmWeights) {
    const shapes = parameterShapes(channels, hidden);
    return session.run({
      sequence: tensor(someSequences(), [rows, steps, channels]),
      labels: tensor(labels, [rows, 1]),
      weights: tensor(rowWeights, [rows, 1]),
      start: tensor(new Float32Array(rows * hidden), [rows, hidden]),
      ...Object.fromEntries(parameterNames.map((name) => [name, tensor(weights[name], shapes[name])])),
    });
  }

  it('has the loss of the serving graph', async () => {
    const weights = someWeights();
    const session = await openSession(gradientModel(channels, hidden, weights.scaling));
    const loss = floatsOf(await run(session, weights), 'loss')[0] ?? Number.NaN;
    const sequences = someSequences();
    let expected = 0;
    labels.forEach((label, row) => {
      const z = byHand(weights, sequences.subarray(row * steps * channels, (row + 1) * steps * channels));
      expected += (rowWeights[row] ?? 0) * (Math.log1p(Math.exp(z)) - label * z);
    });
    assert.ok(Math.abs(loss - expected) < 1e-5);
    await session.release();
  });

  it('agrees with finite differences in every parameter', async () => {
    const weights = someWeights();
    const session = await openSession(gradientModel(channels, hidden, weights.scaling));
    const outputs = await run(session, weights);
    const step = 1e-2;
    for (const name of parameterNames) {
      const [values, slopes] = [weights[name], floatsOf(outputs, `d.${name}`)];
      for (let i = 0; i < values.length; i += 1) {
        const value = values[i] ?? 0;
        const lossAt = async (moved: number): Promise<number> => {
          values[i] = moved;
          return floatsOf(await run(session, weights), 'loss')[0] ?? Number.NaN;
        };
        // Five points: the error falls with the fourth power of the step.
        const [near, far] = [
          (await lossAt(value + step)) - (await lossAt(value - step)),
          (await lossAt(value + 2 * step)) - (await lossAt(value - 2 * step)),
        ];
        const difference = (8 * near - far) / (12 * step);
        values[i] = value;
        assert.ok(
          Math.abs(difference - (slopes[i] ?? 0)) < 1e-4,
          `${name}[${i}]: ${difference} and ${slopes[i] ?? 0}`,
        );
      }
    }
    await session.release();
  });
});

describe('the LSTM trainer', () => {
  /** Positive when the first channel rises in the middle and falls at the end, so no single step is enough. */
  function job(): LstmJob {
    const [count, length] = [900, 12];
    const random = new SeededRandom(9, 'lstm task');
    const labels = new Float32Array(count);
    const sequences = matrix(count, length * 2);
    for (let row = 0; row < count; row += 1) {
      const [early, late] = [random.uniform() < 0.5, random.uniform() < 0.5];
      labels[row] = early && !late ? 1 : 0;
      for (let step = 0; step < length; step += 1) {
        const bump = (step === 4 && early) || (step === 9 && late) ? 3 : 0;
        sequences.data[(row * length + step) * 2] = bump + 0.5 * random.normal();
        sequences.data[(row * length + step) * 2 + 1] =
          random.uniform() < 0.05 ? Number.NaN : random.normal();
      }
    }
    const all = Uint32Array.from({ length: count }, (_, row) => row);
    return {
      sequences,
      steps: length,
      channels: 2,
      labels,
      train: all.subarray(0, 600),
      predict: all.subarray(600),
      epochs: 14,
      stageEvery: 7,
      seed: 1,
      parameters: {
        hidden: 12,
        batch: 32,
        schedule: 14,
        rate: 0.02,
        weightDecay: 1e-4,
        clipNorm: 1,
        negativesPerPositive: 4,
        rowsPerEpoch: 600,
        blankShare: 0.05,
      },
    };
  }

  it('learns an order in time, in its worker as in this thread, bit for bit', async function () {
    this.timeout(60_000);
    const task = job();
    const [one, other] = await Promise.all([trainLstm(task), fitLstm(task)]);
    assert.deepEqual(one.weights, other.weights);
    assert.deepEqual(
      one.stages.map(({ size }) => size),
      [7, 14],
    );
    const labels = Array.from(task.predict, (row) => task.labels[row] ?? 0);
    const auc = rocAuc(one.stages.at(-1)?.probabilities ?? [], labels);
    assert.ok(auc > 0.95, `ROC-AUC ${auc}`);
  });

  it('scales by the training rows alone, missing values aside', () => {
    const sequences = matrix(3, 4, Float32Array.of(1, 10, 3, Number.NaN, 5, 10, 7, 10, 1e6, 1e6, 1e6, 1e6));
    const { center, spread } = scalingOf(sequences, 2, Uint32Array.of(0, 1));
    assert.deepEqual([...center], [4, 10]);
    assert.ok(Math.abs((spread[0] ?? 0) - Math.sqrt(5)) < 1e-6);
    assert.equal(spread[1], 1);
  });
});
