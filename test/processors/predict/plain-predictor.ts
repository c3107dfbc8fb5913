/** A real but very simple model: the logistic function of the mean of the known values. */
import type { Answer, Predictor } from '../../../processors/predict/predictor.ts';
import { small } from '../support.ts';
import { featureNames } from '../../../processes/plant.ts';
import { type Histogram } from '../../../processors/reference/histogram.ts';
import { binRow, type Reference } from '../../../processors/reference/reference.ts';
import type { FeatureRow } from '../../../schemas/generated/types.ts';

/** It is not trained: values between 0 and 100 count as usual. */
const usual: Histogram = {
  edges: [0, 20, 40, 60, 80, 100],
  shares: [0.1, 0.15, 0.15, 0.2, 0.15, 0.15, 0.1, 0],
};
const plainReference: Reference = {
  rows: 1_000,
  features: featureNames(small).map(() => usual),
  score: { edges: [0.5], shares: [0.5, 0.5, 0] },
};

export const plainReferenceOf = (bundle: string): Reference | undefined =>
  bundle === 'plain' ? plainReference : undefined;

export const plainPredictor = (featureSet: string): Predictor => ({
  bundle: 'plain',
  featureSet,
  threshold: 0.5,
  binRow: ({ asset, values }) => binRow(plainReference, asset, values),
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
    classes: [],
  };
}
