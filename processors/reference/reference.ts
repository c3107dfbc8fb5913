/**
 * How the training rows of a bundle were distributed. Training makes it (`reference.json` of a bundle), the predict step
 * bins rows by it, and the drift step compares the live rows with it.
 */
import { z } from 'zod';
import { binOf, histogramSchema, type Histogram } from './histogram.ts';

/** What live rows are compared with. */
export interface Reference {
  /** How many rows it was made of. */
  readonly rows: number;
  /** In the feature set's order. */
  readonly features: readonly Histogram[];
  /** Of assets that training knew well enough: each has levels of its own. */
  readonly assets?: Readonly<Record<string, readonly Histogram[]>> | undefined;
  /** Of the probability, as predicted of rows that the models had not seen. */
  readonly score: Histogram;
}

export const referenceSchema: z.ZodType<Reference> = z.strictObject({
  rows: z.int().positive(),
  features: z.array(histogramSchema).min(1),
  assets: z.record(z.string(), z.array(histogramSchema)).optional(),
  score: histogramSchema,
});

/** Looks up the reference of a bundle by the bundle's id; undefined where it has none. A bundle never changes. */
export type ReferenceOf = (bundle: string) => Reference | undefined;

/** What rows of this asset are compared with: its own past, or that of all where training did not know it. */
export const featuresOf = ({ assets, features }: Reference, asset: string): readonly Histogram[] =>
  assets?.[asset] ?? features;

/** One byte per feature. */
export function binRow(reference: Reference, asset: string, values: readonly number[]): Buffer {
  const features = featuresOf(reference, asset);
  const bins = Buffer.allocUnsafe(features.length);
  for (let index = 0; index < features.length; index++) {
    const histogram = features[index];
    if (histogram !== undefined) bins[index] = binOf(histogram, values[index] ?? NaN);
  }
  return bins;
}
