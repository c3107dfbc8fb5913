/**
 * How the training rows of a bundle were distributed. Training writes it to the bundle's `reference.json`. The step predict
 * bins rows with it, and the step drift compares live rows with it.
 */
import { z } from 'zod';
import { binOf, histogramSchema, type Histogram } from './histogram.ts';

/** What live rows are compared with. */
export interface Reference {
  /** Number of training rows. */
  readonly rows: number;
  /** One histogram per feature, in the feature set's order. */
  readonly features: readonly Histogram[];
  /** The same for each asset with enough training rows, because each asset has its own levels. */
  readonly assets?: Readonly<Record<string, readonly Histogram[]>> | undefined;
  /** The distribution of the probability, predicted for rows that the models had not seen. */
  readonly score: Histogram;
}

export const referenceSchema: z.ZodType<Reference> = z.strictObject({
  rows: z.int().positive(),
  features: z.array(histogramSchema).min(1),
  assets: z.record(z.string(), z.array(histogramSchema)).optional(),
  score: histogramSchema,
});

/** Looks up a bundle's reference by the bundle's id; undefined when it has none. A bundle never changes. */
export type ReferenceOf = (bundle: string) => Reference | undefined;

/** The histograms for rows of this asset: its own, or those of all assets when training did not know it. */
export const featuresOf = ({ assets, features }: Reference, asset: string): readonly Histogram[] =>
  assets?.[asset] ?? features;

/** Returns the bin of each value, one byte per feature. */
export function binRow(reference: Reference, asset: string, values: readonly number[]): Buffer {
  const features = featuresOf(reference, asset);
  const bins = Buffer.allocUnsafe(features.length);
  for (let index = 0; index < features.length; index++) {
    const histogram = features[index];
    if (histogram !== undefined) bins[index] = binOf(histogram, values[index] ?? NaN);
  }
  return bins;
}
