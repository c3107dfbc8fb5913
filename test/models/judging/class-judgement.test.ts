import assert from 'node:assert/strict';
import { classVerdicts } from '../../../models/cards/class-text.ts';
import { callRows, figuresOfCalls, judgeClasses } from '../../../models/judging/class-judgement.ts';

describe('the judgement of classes', () => {
  // Of class a: 3, called a a b; of b: 2, called b c; of c: 1, called c.
  const classOf = [0, 0, 0, 1, 1, 2];
  const called = [0, 0, 1, 1, 2, 2];
  const sure = called.flatMap((kind) => [0, 1, 2].map((each) => (each === kind ? 0.8 : 0.1)));

  it('has the accuracy and macro-F1 of a calculation by hand', () => {
    const { accuracy, macroF1 } = figuresOfCalls(classOf, called, 3);
    assert.equal(accuracy, 4 / 6);
    // F1: a 2·2/(3+2), b 2·1/(2+2), c 2·1/(1+2)
    assert.ok(Math.abs(macroF1 - (4 / 5 + 1 / 2 + 2 / 3) / 3) < 1e-12);
  });

  it('counts a row with weight n as n rows', () => {
    const weights = [2, 1, 0, 3, 1, 1];
    const repeated = classOf.flatMap((_, row) => Array.from({ length: weights[row] ?? 0 }, () => row));
    const plain = figuresOfCalls(
      repeated.map((row) => classOf[row] ?? 0),
      repeated.map((row) => called[row] ?? 0),
      3,
    );
    assert.deepEqual(
      figuresOfCalls(classOf, called, 3, (row) => weights[row] ?? 0),
      plain,
    );
  });

  it('calls the most likely class, the first of equal ones', () => {
    assert.deepEqual([...callRows([0.2, 0.5, 0.3, 0.4, 0.4, 0.2], 3)], [1, 0]);
  });

  it('has the figures of each class, the confusion and the calibration', () => {
    const judged = judgeClasses(
      ['a', 'b', 'c'],
      classOf,
      classOf.map((_, i) => i),
      [{ name: 'm', probabilities: Float64Array.from(sure) }],
      [],
      1,
    );
    assert.deepEqual(judged.confusion, [
      [2, 1, 0],
      [0, 1, 1],
      [0, 0, 1],
    ]);
    assert.deepEqual(
      judged.parts.map(({ rows, precision, recall }) => [rows, precision, recall]),
      [
        [3, 1, 2 / 3],
        [2, 0.5, 0.5],
        [1, 0.5, 1],
      ],
    );
    const [low, high] = judged.scores[0]?.accuracyBetween ?? [1, 0];
    assert.ok(low < 4 / 6 && high > 4 / 6);
    assert.match(
      classVerdicts({
        ...judged,
        repeats: [
          { accuracy: 0.8, macroF1: 0.7 },
          { accuracy: 0.9, macroF1: 0.8 },
        ],
      }).join(' '),
      /2 repeats with other folds: accuracy 0.850 \(0.800 to 0.900\)/,
    );
  });
});
