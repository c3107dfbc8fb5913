import assert from 'node:assert/strict';
import { type SequenceBatch } from '../../../../models/learners/lstm/engine.ts';
import { openEngine } from '../../../../models/learners/lstm/open-engine.ts';
import { fitLstm, type LstmJob } from '../../../../models/learners/lstm/fit.ts';
import { initialWeights, parameterNames } from '../../../../models/learners/lstm/weights.ts';
import { matrix } from '../../../../models/numbers/matrix.ts';
import { SeededRandom } from '../../../../base/random.ts';

const [channels, hidden, steps, rows] = [3, 6, 9, 32];

function weightsFrom(seed: number) {
  const random = new SeededRandom(seed, 'engines');
  const scaling = { center: Float32Array.of(0.5, -1, 0), spread: Float32Array.of(2, 1, 0.5) };
  const weights = initialWeights(channels, hidden, scaling, random);
  for (const name of parameterNames)
    weights[name].forEach((value, i) => (weights[name][i] = value + 0.2 * random.normal()));
  return weights;
}

/** With missing values, and some that are clipped. */
function batchFrom(seed: number): SequenceBatch {
  const random = new SeededRandom(seed, 'engines');
  const sequence = Float32Array.from({ length: rows * steps * channels }, () =>
    random.uniform() < 0.1 ? Number.NaN : 3 * random.normal() * (random.uniform() < 0.02 ? 50 : 1),
  );
  return { rows, sequence, labels: Float32Array.from({ length: rows }, () => random.below(2)) };
}

describe('the two trainers of the LSTM', () => {
  it('have the same loss and the same gradients', async function () {
    this.timeout(60_000);
    for (const seed of [1, 2, 3]) {
      const [weights, batch] = [weightsFrom(seed), batchFrom(seed)];
      const [onnx, tensorflow] = await Promise.all([
        openEngine('onnx', weights, steps),
        openEngine('tensorflow', weights, steps),
      ]);
      const [ours, theirs] = [
        await onnx.gradients(weights, batch),
        await tensorflow.gradients(weights, batch),
      ];
      assert.ok(Math.abs(ours.loss - theirs.loss) < 1e-6, `${ours.loss} and ${theirs.loss}`);
      for (const name of parameterNames) {
        assert.equal(ours.slopes[name].length, theirs.slopes[name].length);
        assert.ok(
          ours.slopes[name].some((slope) => Math.abs(slope) > 1e-4),
          `${name} says nothing`,
        );
        const farthest = Math.max(
          ...Array.from(ours.slopes[name], (slope, i) => Math.abs(slope - (theirs.slopes[name][i] ?? NaN))),
        );
        assert.ok(farthest < 1e-6, `${name}: ${farthest}`);
      }
      await Promise.all([onnx.close(), tensorflow.close()]);
    }
  });

  it('go down the same curve from the same weights, to the same model', async function () {
    this.timeout(120_000);
    const random = new SeededRandom(8, 'curve');
    const count = 200;
    const data = Float32Array.from({ length: count * steps * channels }, () => random.normal());
    const labels = Float32Array.from({ length: count }, (_, row) =>
      Number((data[row * steps * channels] ?? 0) + (data[(row + 1) * steps * channels - 1] ?? 0) > 0),
    );
    const all = Uint32Array.from({ length: count }, (_, row) => row);
    const job: LstmJob = {
      sequences: matrix(count, steps * channels, data),
      steps,
      channels,
      labels,
      train: all,
      predict: all,
      epochs: 6,
      stageEvery: 6,
      seed: 5,
      parameters: {
        hidden,
        batch: 32,
        schedule: 6,
        rate: 0.02,
        weightDecay: 1e-3,
        clipNorm: 1,
        negativesPerPositive: 4,
        rowsPerEpoch: count,
        blankShare: 0.1,
      },
    };
    const [ours, theirs] = [await fitLstm(job), await fitLstm({ ...job, engine: 'tensorflow' })];
    assert.ok((ours.losses.at(-1) ?? 1) < 0.8 * (ours.losses[0] ?? 0), String(ours.losses));
    ours.losses.forEach((loss, epoch) => {
      assert.ok(Math.abs(loss - (theirs.losses[epoch] ?? NaN)) < 1e-4, `${loss} and ${theirs.losses[epoch]}`);
    });
    const [mine, other] = [ours.stages.at(-1)?.probabilities, theirs.stages.at(-1)?.probabilities];
    mine?.forEach((probability, row) => {
      assert.ok(Math.abs(probability - (other?.[row] ?? NaN)) < 1e-3);
    });
  });
});
