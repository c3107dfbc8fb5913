/** A real, if very plain, model: the logistic function of the mean of the known values. */
import type { Answer, Predictor } from '../../../processors/predict/predictor.ts';
import type { FeatureRow } from '../../../schemas/generated/types.ts';

export const plainPredictor = (featureSet: string): Predictor => ({
  bundle: 'plain',
  featureSet,
  threshold: 0.5,
  predict: (rows) => Promise.resolve(rows.map(answer)),
});

function answer({ values }: FeatureRow): Answer {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
  const probability = 1 / (1 + Math.exp(-mean));
  return {
    status: 'OK',
    reason: null,
    probability,
    lower: probability,
    upper: probability,
    confidence: 1,
    models: [{ name: 'plain', probability, weight: 1 }],
    contributions: [],
  };
}
