import assert from 'node:assert/strict';
import type { QualityInput } from '../../../processors/live-quality/step.ts';
import type { StepRecord } from '../../../stream/index.ts';
import { asset, outputs, prediction, record, runStep, start } from '../support.ts';
import { byPiece, found, judged, judgedBy, label, rules, said, step } from './support.ts';

describe('quality: what a label judges', () => {
  it('is the prediction of its span, with its threshold, its models and the delay', () => {
    const [only, ...more] = judged([
      said(prediction(5, 0.2)),
      said(prediction(10, 0.7, { threshold: 0.6 })),
      said(prediction(15, 0.9)),
      found(label(5, 10, 1)),
    ]);
    assert.equal(more.length, 0);
    assert.deepEqual(only, {
      asset,
      eventTime: start + 5_000,
      until: start + 10_000,
      target: 'bad',
      verdict: 'TRUE_POSITIVE',
      reason: null,
      label: 1,
      defect: 'crack',
      source: 'inspection',
      foundAt: start + 70_000,
      predictions: 1,
      predictedAt: start + 10_000,
      probability: 0.7,
      threshold: 0.6,
      bundle: 'b1',
      piece: {},
    });
  });

  it('has the four verdicts', () => {
    const verdicts = [
      [0.9, 1],
      [0.9, 0],
      [0.1, 0],
      [0.1, 1],
      [0.5, 1],
    ].map(
      ([probability = 0, value = 0]) =>
        judged([said(prediction(5, probability)), found(label(0, 5, value))])[0]?.verdict,
    );
    assert.deepEqual(verdicts, [
      'TRUE_POSITIVE',
      'FALSE_POSITIVE',
      'TRUE_NEGATIVE',
      'FALSE_NEGATIVE',
      'TRUE_POSITIVE',
    ]);
  });

  it('is the highest probability of a longer span, the first of equals', () => {
    const [only] = judged([
      ...[0.3, 0.8, 0.8, 0.1].map((probability, index) => said(prediction(5 * index + 5, probability))),
      found(label(0, 20, 1)),
    ]);
    assert.deepEqual([only?.predictions, only?.probability, only?.predictedAt], [4, 0.8, start + 10_000]);
  });

  it('waits for the predictions of its span', () => {
    const outcomes = runStep(step, [
      found(label(0, 10, 1)),
      said(prediction(5, 0.9)),
      said(prediction(10, 0.2)),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === 'emit' ? outcome.records.length : outcome.kind)),
      [0, 0, 1],
    );
    assert.equal(outputs(outcomes, 'judged')[0]?.probability, 0.9);
  });

  it('is nothing when there are no predictions, or only UNAVAILABLE ones', () => {
    const [none, unavailable] = judged([
      said(prediction(5, 0.1)),
      said(prediction(20, null, { reason: 'no model' })),
      found(label(6, 12, 1)),
      found(label(15, 20, 1)),
    ]);
    assert.deepEqual([none?.verdict, none?.reason, none?.predictions], ['NOT_JUDGED', 'NO_PREDICTION', 0]);
    assert.deepEqual([unavailable?.reason, unavailable?.predictions], ['UNAVAILABLE', 1]);
  });

  it('is nothing when another label has judged it before', () => {
    const reasons = judged([
      ...[5, 10, 15].map((at) => said(prediction(at, 0.9))),
      found(label(0, 5, 0)),
      found(label(5, 10, 0)),
      found(label(0, 10, 1)),
    ]).map(({ reason }) => reason);
    assert.deepEqual(reasons, [null, null, 'ALREADY_JUDGED']);
  });

  it('is nothing when it was found too late', () => {
    const [only] = judged([
      said(prediction(5, 0.9)),
      found(label(0, 5, 1, { foundAt: start + 5_000 + rules.retention + 1 })),
    ]);
    assert.equal(only?.reason, 'TOO_LATE');
  });

  it('is nothing when the label is unknown, and a dead letter when its value means nothing', () => {
    const values = [NaN, -1, 2, 0.4, Infinity];
    const outcomes = runStep(step, [
      said(prediction(5, 0.5)),
      ...values.map((value) => found(label(0, 5, value))),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => ('reason' in outcome ? outcome.reason : outcome.kind)),
      ['emit', 'UNKNOWN_LABEL', ...values.slice(1).map(() => 'MALFORMED_LABEL')],
    );
    const details = outcomes.flatMap((outcome) => (outcome.kind === 'dead-letter' ? outcome.detail : []));
    assert.match(details[0] ?? '', /^the label of inspection for .* at .*Z: its value is -1, not 0 or 1$/);
    const [only] = judged([said(prediction(5, 0.9)), found(label(0, 5, NaN)), found(label(0, 5, 1))]);
    assert.equal(only?.verdict, 'TRUE_POSITIVE', 'the prediction waits for a label that says something');
  });

  it('is nothing when it is about the future, or another target', () => {
    const outcomes = runStep(step, [
      record({ from: 'labels', value: label(0, 5_000, 1) }, { timestamp: start }),
      found(label(0, 5, 1, { target: 'other' })),
      said(prediction(5, 0.5)),
      said(prediction(5, 0.5)),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === 'drop' ? outcome.reason : outcome.kind)),
      ['FUTURE', 'OTHER_TARGET', 'emit', 'OUT_OF_ORDER'],
    );
  });
});

describe('quality: assets', () => {
  it('keeps no label of an asset that the process does not have, or under another key', () => {
    const state = step.create(asset);
    const strange = [
      record({ from: 'labels' as const, value: label(0, 5, 1, { asset: 'E/S/A/L/C9' }) }),
      record({ from: 'labels' as const, value: label(0, 5, 1) }, { key: 'E/S/A/L/C2' }),
    ];
    assert.deepEqual(
      runStep(step, strange, state).map((outcome) =>
        outcome.kind === 'drop' ? outcome.reason : outcome.kind,
      ),
      ['UNKNOWN_ASSET', 'UNKNOWN_ASSET'],
    );
    assert.deepEqual(state, step.create(asset));
  });
});

describe('quality: by piece', () => {
  const of = (part: string) => ({ piece: { batch: 'H1', part } });

  it('a label judges all predictions of its piece and no other, when the piece is over', () => {
    const list = [
      said(prediction(5, 0.4, of('P1'))),
      said(prediction(10, 0.8, { ...of('P1'), threshold: 0.7 })),
      said(prediction(15, 0.95, of('P2'))),
    ];
    // Its span is approximate; the piece counts.
    const piece = found(label(2, 30, 1, of('P1')));
    const last = [said(prediction(20, 0.1, of('P2'))), said(prediction(30, 0.2, of('P3')))];
    const [only] = judgedBy(byPiece, [...list, piece, ...last]);
    assert.deepEqual(
      [only?.predictions, only?.probability, only?.threshold, only?.verdict],
      [2, 0.8, 0.7, 'TRUE_POSITIVE'],
    );
    assert.deepEqual(judgedBy(byPiece, [piece, ...list, ...last]), [only]);
    assert.deepEqual(judgedBy(byPiece, list.slice(0, 2).concat(piece)), [], 'it is still being made');
  });

  it('a piece with predictions of two bundles is judged by its highest probability', () => {
    const [only] = judgedBy(byPiece, [
      said(prediction(5, 0.4, of('P1'))),
      said(prediction(10, 0.3, { ...of('P1'), bundle: 'b2' })),
      said(prediction(15, 0.1, of('P2'))),
      found(label(0, 10, 0, of('P1'))),
    ]);
    assert.deepEqual([only?.bundle, only?.predictions, only?.verdict], ['b1', 2, 'TRUE_NEGATIVE']);
  });
});

describe('quality: predictions without a label', () => {
  it('are given up after retention, with their number', () => {
    const list = Array.from({ length: 300 }, (_, index) => said(prediction(5 * (index + 1), 0.1)));
    const never = judged([...list.slice(0, 10), found(label(0, 25, 1)), ...list.slice(10)]).filter(
      ({ reason }) => reason === 'NEVER_LABELLED',
    );
    // 1500 s on, everything up to 500 s has been kept for 1000 s; the first five had a label
    assert.deepEqual(
      never.map(({ eventTime, until, predictions, label: value }) => [
        (eventTime - start) / 1_000,
        (until - start) / 1_000,
        predictions,
        value,
      ]),
      [
        [0, 100, 15, null],
        [100, 200, 20, null],
        [200, 300, 20, null],
        [300, 400, 20, null],
        [400, 500, 20, null],
      ],
    );
  });
});

describe('quality: running figures', () => {
  /** One case per second: probability, and whether the defect was found. */
  const cases = (list: readonly (readonly [number, number])[], bundle = 'b1') =>
    list.flatMap(([probability, value], index) => [
      said(prediction(5 * (index + 1), probability, { bundle })),
      found(label(5 * index, 5 * (index + 1), value)),
    ]);
  const after = found(label(0, 1, 0, { foundAt: start + 200_000 }));
  const reports = (records: readonly StepRecord<QualityInput>[]) =>
    outputs(runStep(step, records), 'quality');

  it('are those of the window that has ended, per bundle', () => {
    const list = cases([
      [0.9, 1],
      [0.8, 0],
      [0.7, 1],
      [0.2, 1],
      [0.1, 0],
    ]);
    const [report, ...more] = reports([...list, after]);
    assert.equal(more.length, 0);
    assert.equal(report?.eventTime, start + 100_000);
    assert.deepEqual(
      [report.truePositives, report.falsePositives, report.trueNegatives, report.falseNegatives],
      [2, 1, 1, 1],
    );
    assert.equal(report.precision, 2 / 3);
    assert.equal(report.recall, 2 / 3);
    assert.ok(Math.abs((report.brier ?? 0) - (0.01 + 0.64 + 0.09 + 0.64 + 0.01) / 5) < 1e-12);
    // Each case is in a separate bin: |0.9−1| + |0.8−0| + |0.7−1| + |0.2−1| + |0.1−0|
    assert.ok(Math.abs((report.calibrationError ?? 0) - (0.1 + 0.8 + 0.3 + 0.8 + 0.1) / 5) < 1e-12);
    assert.equal(report.reason, null);
    assert.equal(report.current, true);
    assert.deepEqual(report.calibration[0], { above: 0.1, cases: 1, positives: 0, sumProbability: 0.1 });
  });

  it('are null when there are too few cases, and say so', () => {
    const [report] = reports([...cases([[0.9, 1]]), after]);
    assert.deepEqual([report?.precision, report?.recall, report?.brier], [null, null, null]);
    assert.equal(report?.truePositives, 1);
    assert.equal(
      report.reason,
      'too few cases: 1 warnings for precision, 1 defects for recall, 1 judgements for Brier score and calibration; each figure needs 2',
    );
  });

  it('count labels that judged nothing apart, by reason', () => {
    const [none, b1] = reports([
      ...cases([[0.9, 1]]),
      found(label(0, 2, 1)),
      said(prediction(60, 0.1)),
      found(label(20, 21, 1)),
      after,
    ]);
    assert.equal(b1?.bundle, 'b1');
    assert.equal(none?.bundle, '');
    assert.deepEqual(none.notJudged, { ALREADY_JUDGED: 1, NO_PREDICTION: 1 });
  });

  it('say which bundle is the one that predicts now', () => {
    const list = [
      said(prediction(5, 0.9, { bundle: 'b2' })),
      said(prediction(10, 0.9, { bundle: 'b1' })),
      found(label(5, 10, 1)),
      found(label(0, 5, 1)),
      after,
    ];
    assert.deepEqual(
      reports(list).map(({ bundle, current }) => [bundle, current]),
      [
        ['b1', true],
        ['b2', false],
      ],
    );
  });

  it('forget cases before the window', () => {
    const late = (at: number) => found(label(0, 1, 0, { foundAt: start + 1_000 * at }));
    const windows = reports([...cases([[0.9, 1]]), late(150), late(250), late(350)]).filter(
      ({ bundle }) => bundle === 'b1',
    );
    assert.deepEqual(
      windows.map(({ eventTime, truePositives }) => [(eventTime - start) / 1_000, truePositives]),
      [
        [100, 1],
        [200, 1],
      ],
    );
  });
});
