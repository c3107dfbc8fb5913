import assert from 'node:assert/strict';
import { alertStateCodec } from '../../../processors/alert/state.ts';
import { alertId, alertStep } from '../../../processors/alert/step.ts';
import type { Prediction } from '../../../schemas/generated/types.ts';
import { asset, outputs, prediction, record, runStep, small, smallWith, start } from '../support.ts';

const step = alertStep(small);
const run = (predictions: readonly Prediction[]) =>
  runStep(
    step,
    predictions.map((value) => record({ from: 'predictions' as const, value })),
  );
const alertsOf = (predictions: readonly Prediction[]) => outputs(run(predictions), 'alerts');
const reason = { feature: 'A.mean.short', value: 90, contribution: 1.2, text: 'signal a is high' };

describe('alert', () => {
  it('makes one excursion one alert, with one id, counted steps and its peak', () => {
    const probabilities = [0.1, 0.6, 0.9, 0.7, 0.2, 0.3, 0.2, 0.1];
    const alerts = alertsOf(
      probabilities.map((p, index) =>
        prediction(5 * index, p, { piece: { batch: 'B1' }, contributions: [reason] }),
      ),
    );
    assert.deepEqual(
      alerts.map(({ transition, step: count, eventTime, peak }) => [
        transition,
        count,
        (eventTime - start) / 1_000,
        peak,
      ]),
      [
        ['RAISED', 0, 15, 0.9],
        ['RETURNED_TO_NORMAL', 1, 30, 0.9],
        ['CLEARED', 2, 30, 0.9],
      ],
    );
    const ids = new Set(alerts.map(({ id }) => id));
    assert.deepEqual([...ids], [alertId(asset, 'risk', start + 15_000)]);
    const [raised] = alerts;
    assert.deepEqual(raised, {
      ...{ id: alertId(asset, 'risk', start + 15_000), asset, rule: 'risk', priority: 'HIGH' },
      ...{ transition: 'RAISED', step: 0, eventTime: start + 15_000, raisedAt: start + 15_000 },
      ...{ value: 0.7, peak: 0.9, limit: 0.5, bundle: 'b1', piece: { batch: 'B1' }, actor: null },
      message: 'Risk: probability of bad part is 70 %, limit 50 %. Look.',
      contributions: [reason],
    });
  });

  it('watches plain features by the signals that a prediction carries, even when it has no probability', () => {
    const withA = (at: number, value: number) =>
      prediction(at, null, { signals: [{ name: 'A.mean.short', value }] });
    const alerts = alertsOf([withA(0, 70), withA(5, 81), withA(10, NaN), withA(15, 75), withA(20, 69)]);
    assert.deepEqual(
      alerts.map(({ rule, transition, value }) => [rule, transition, value]),
      [
        ['high', 'RAISED', 81],
        ['high', 'RETURNED_TO_NORMAL', 69],
        ['high', 'CLEARED', 69],
      ],
    );
    assert.equal(alerts[0]?.message, 'A high: signal a average over 5 s is 81 mm, limit 80 mm. Look at a.');
    assert.deepEqual(alerts[0].contributions, []);
  });

  it('can clear an alarm on the probability even when the threshold is lower than the dead-band', () => {
    const low = (at: number, p: number) => prediction(at, p, { threshold: 0.06 });
    const alerts = alertsOf([0.2, 0.2, 0.2, 0.02, 0.02, 0.02].map((p, index) => low(5 * index, p)));
    assert.deepEqual(
      alerts.map(({ transition }) => transition),
      ['RAISED', 'RETURNED_TO_NORMAL', 'CLEARED'],
    );
  });

  it('can clear an alarm below a high limit of the probability, too', () => {
    const [rule] = small.alerts;
    const sure = smallWith(() => ({
      alerts: rule === undefined ? [] : [{ ...rule, direction: 'below' as const, limit: 0.95 }],
    }));
    const records = [0.2, 0.2, 0.2, 0.99, 0.99, 0.99].map((p, index) =>
      record({ from: 'predictions' as const, value: prediction(5 * index, p) }),
    );
    assert.deepEqual(
      outputs(runStep(alertStep(sure), records), 'alerts').map(({ transition }) => transition),
      ['RAISED', 'RETURNED_TO_NORMAL', 'CLEARED'],
    );
  });

  it('writes a probability in percent, with a decimal near 0 and 1', () => {
    const risky = (at: number, p: number) => prediction(at, p, { threshold: 0.0909 });
    const [first] = alertsOf([0.385, 0.385, 0.385, 0.385].map((p, index) => risky(5 * index, p)));
    assert.equal(first?.message, 'Risk: probability of bad part is 39 %, limit 9.1 %. Look.');
    const [sure] = alertsOf([0.996, 0.996, 0.996, 0.996].map((p, index) => risky(5 * index, p)));
    assert.equal(sure?.message, 'Risk: probability of bad part is 99.6 %, limit 9.1 %. Look.');
  });

  it('raises nothing without a bundle', () => {
    const none = [0, 5, 10, 15].map((at) => prediction(at, null, { threshold: NaN, bundle: '' }));
    assert.deepEqual(alertsOf(none), []);
  });

  it('gives the next excursion a new id', () => {
    const probabilities = [0.9, 0.9, 0.9, 0, 0, 0, 0.9, 0.9, 0.9];
    const raised = alertsOf(probabilities.map((p, index) => prediction(5 * index, p))).filter(
      ({ step: count }) => count === 0,
    );
    assert.equal(new Set(raised.map(({ id }) => id)).size, 2);
  });

  describe('of a rule that is removed or renamed', () => {
    const codec = alertStateCodec();
    const renamed = smallWith(({ alerts: rules }) => ({
      alerts: rules.map((rule) => (rule.id === 'risk' ? { ...rule, id: 'danger' } : rule)),
    }));
    const from = (probabilities: readonly number[], at = 0) =>
      probabilities.map((p, index) =>
        record({ from: 'predictions' as const, value: prediction(at + 5 * index, p) }),
      );

    it('ends with a reason as soon as its state meets the new definition, and only once', () => {
      const before = step.create(asset);
      const [raised] = outputs(runStep(step, from([0.9, 0.9, 0.8]), before), 'alerts');
      const restored = codec.decode(codec.encode(before));
      const later = runStep(alertStep(renamed), from([0.8, 0.8, 0.8, 0.8, 0.1, 0.1, 0.1], 15), restored);
      const [ended, ...others] = outputs(later, 'alerts');
      assert.equal(ended?.id, raised?.id);
      assert.deepEqual(
        [ended?.rule, ended?.transition, ended?.step, ended?.eventTime, ended?.peak],
        ['risk', 'CLEARED', 1, start + 15_000, 0.9],
      );
      assert.match(ended?.message ?? '', /no rule risk any more/);
      assert.deepEqual(
        others.map(({ rule, transition }) => [rule, transition]),
        ['RAISED', 'RETURNED_TO_NORMAL', 'CLEARED'].map((transition) => ['danger', transition]),
      );
      assert.deepEqual(new Set(restored.alarms.keys()), new Set(['danger', 'high']));
    });

    it('is forgotten without a record when it was not raised', () => {
      const state = step.create(asset);
      runStep(step, from([0.9]), state);
      assert.deepEqual(outputs(runStep(alertStep(renamed), from([0.1], 5), state), 'alerts'), []);
      assert.deepEqual(new Set(state.alarms.keys()), new Set(['danger', 'high']));
    });
  });

  it('drops a repeated or late prediction, with a reason', () => {
    const outcomes = run([prediction(5, 0.1), prediction(5, 0.9), prediction(0, 0.9)]);
    assert.deepEqual(outcomes.slice(1), [
      { kind: 'drop', reason: 'OUT_OF_ORDER' },
      { kind: 'drop', reason: 'OUT_OF_ORDER' },
    ]);
  });
});
