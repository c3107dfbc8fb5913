import assert from 'node:assert/strict';
import {
  championAlone,
  unavailableAnswer,
  type Models,
  type Predictor,
} from '../../../processors/predict/predictor.ts';
import { observeLatency, timeInference } from '../../../roles/predict/prediction-metrics.ts';

const predictor: Predictor = {
  bundle: 'b',
  featureSet: 'f',
  threshold: 0.5,
  predict: (rows) => Promise.resolve(rows.map(() => unavailableAnswer('a test'))),
};

describe('roles/predict/prediction-metrics', () => {
  it('times each batch by the role of the bundle, and wraps a set of models once', async () => {
    const recorded: string[] = [];
    let models: Models = {
      champion: { predictor, entry: 1 },
      beside: [{ predictor, entry: 2, role: 'SHADOW' }],
    };
    const current = timeInference(() => models, {
      inferenceDuration: { record: (_seconds, { role }) => recorded.push(role) },
    });
    const first = current();
    assert.equal(current(), first);
    await first.beside[0]?.predictor.predict([]);
    await first.champion?.predictor.predict([]);
    assert.deepEqual(recorded, ['SHADOW', 'CHAMPION']);
    models = championAlone(predictor, 3);
    assert.equal(current().champion?.entry, 3);
  });

  it('measures from the publication of the reading to the commit of its prediction', () => {
    const recorded: number[] = [];
    const published = '2026-03-01T06:00:00.000Z';
    const { committed } = observeLatency(
      'predictions.v1',
      { predictionLatency: { record: (seconds) => recorded.push(seconds) } },
      () => Date.parse(published) + 250,
    );
    const value = Buffer.of();
    committed([
      { topic: 'alerts.v1', key: 'k', value, headers: { ce_time: published } },
      { topic: 'predictions.v1', key: 'k', value, headers: { ce_time: Buffer.from(published) } },
      { topic: 'predictions.v1', key: 'k', value },
    ]);
    assert.deepEqual(recorded, [0.25]);
  });
});
