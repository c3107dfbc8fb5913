import assert from 'node:assert/strict';
import {
  calibrationError,
  contestantOf,
  reliabilityBins,
  scoreContestant,
} from '../../../models/judging/figures.ts';
import { drawBlocks, middle } from '../../../models/judging/bootstrap.ts';
import { SeededRandom } from '../../../base/random.ts';

const ruling = { threshold: 0.5, cost: { miss: 10, falseAlarm: 1 } };

describe('block bootstrap', () => {
  it('draws the same number of groups as there are, and the same ones for the same seed', () => {
    const blocks = drawBlocks([7, 7, 3, 9, 3], 5);
    assert.deepEqual([blocks.groups, [...blocks.of]], [3, [0, 0, 1, 2, 1]]);
    for (const draw of blocks.draws)
      assert.equal(
        draw.reduce((sum, count) => sum + count, 0),
        3,
      );
    assert.deepEqual(drawBlocks([7, 7, 3, 9, 3], 5), blocks);
  });

  it('gives no range when there is one group', () => {
    assert.equal(middle(drawBlocks([1, 1, 1], 1).draws.map(() => 1)), null);
  });

  it('covers the true figure about as often as stated, when rows of a group depend on each other', () => {
    // Each group errs by its own amount, so rows are far from independent: the true Brier score is E[e²] = 1/12.
    const random = new SeededRandom(11, 'coverage');
    const [sets, groups, perGroup] = [150, 60, 8];
    let [held, heldByRow] = [0, 0];
    for (let set = 0; set < sets; set += 1) {
      const errors = Array.from(
        { length: groups },
        () => random.uniform() / 2 + (random.uniform() < 0.5 ? 0 : 0.001),
      );
      const probabilities = errors.flatMap((error) =>
        Array.from({ length: perGroup }, (_, i) => (i % 2 ? 1 - error : error)),
      );
      const labels = probabilities.map((_, i) => (i % 2 ? 1 : 0));
      const truth = 1 / 12;
      const covers = (group: number[]): boolean => {
        const blocks = drawBlocks(group, set);
        const between = scoreContestant(
          contestantOf('x', probabilities, labels, blocks, ruling),
          blocks,
          ruling,
        ).score.between.brier;
        return between !== null && between[0] <= truth && truth <= between[1];
      };
      if (covers(probabilities.map((_, i) => Math.floor(i / perGroup)))) held += 1;
      if (set < 50 && covers(probabilities.map((_, i) => i))) heldByRow += 1;
    }
    assert.ok(held / sets > 0.82 && held / sets < 0.96, `${held} of ${sets}`);
    // Drawn row by row, the range would be far too narrow.
    assert.ok(heldByRow / 50 < 0.7, `${heldByRow} of 50`);
  });
});

describe('a score', () => {
  it('equals a calculation by hand', () => {
    const [probabilities, labels] = [
      [0.9, 0.6, 0.4, 0.2],
      [1, 0, 1, 0],
    ];
    const blocks = drawBlocks([0, 0, 1, 1], 1);
    const { score: mine } = scoreContestant(
      contestantOf('x', probabilities, labels, blocks, ruling),
      blocks,
      ruling,
    );
    assert.ok(Math.abs(mine.brier - (0.01 + 0.36 + 0.36 + 0.04) / 4) < 1e-12);
    assert.ok(Math.abs(mine.logLoss + (Math.log(0.9) + 2 * Math.log(0.4) + Math.log(0.8)) / 4) < 1e-12);
    assert.equal(mine.rocAuc, 3 / 4);
    // One miss at 10 and one false alarm at 1, over four rows.
    assert.deepEqual(mine.warning, {
      threshold: 0.5,
      precision: 0.5,
      recall: 0.5,
      falseAlarmRate: 0.5,
      f1: 0.5,
      cost: 11 / 4,
    });
  });

  it('has a calibration error of the mean distance over the bins', () => {
    const bins = reliabilityBins(
      Array.from({ length: 20 }, (_, i) => (i < 10 ? 0.1 : 0.9)),
      Array.from({ length: 20 }, (_, i) => (i < 10 ? 0 : 1)),
    );
    assert.ok(Math.abs(calibrationError(bins) - 0.1) < 1e-12);
  });
});
