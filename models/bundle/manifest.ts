/** The schema of a bundle's `manifest.json`, which is parsed once when the bundle is loaded. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { calibrationSchema } from '../blend/calibration.ts';
import { classCalibrationSchema } from '../blend/class-calibration.ts';
import { intervalSchema } from '../blend/interval.ts';

/** A feature of the model, with its usual range and its full range in training. */
const feature = z.strictObject({
  name: z.string(),
  /** The title from the process definition. */
  title: z.string(),
  unit: z.string(),
  /** The middle 80 % of the training rows without the target; null when there is no value. */
  usual: z.tuple([z.number(), z.number()]).nullable(),
  /** The lowest and the highest value in the training rows. */
  seen: z.tuple([z.number(), z.number()]).nullable(),
});

const member = z.strictObject({
  name: z.enum(['xgboost', 'lstm']),
  file: z.string(),
  input: z.enum(['features', 'sequence']),
  /** Its weight in the blend. */
  weight: z.number().min(0).max(1),
  /** From the model's raw probability to the member's calibrated one. */
  calibration: calibrationSchema,
});

export const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** `<process>-<12 hex digits>`: a hash of everything else in the manifest. */
  bundle: z.string(),
  process: z.string(),
  target: z.string(),
  featureSet: z.string(),
  features: z.array(feature).min(1),
  sequence: z
    .strictObject({
      steps: z.int(),
      channels: z.int(),
      tags: z.array(z.string()),
      /** Its duration, ms. Bundles that are older than the reasons of sequences have no `span` and no `words`. */
      span: z.number().optional(),
      /** For each tag. `normal` is the band that the sequence is scaled by; null where it is scaled otherwise. */
      words: z
        .array(
          z.strictObject({
            title: z.string(),
            unit: z.string(),
            normal: z.tuple([z.number(), z.number()]).nullable(),
          }),
        )
        .optional(),
    })
    .nullable(),
  members: z.array(member).min(1),
  /** From the blend to the ensemble's probability. */
  calibration: calibrationSchema,
  interval: intervalSchema,
  threshold: z.strictObject({ value: z.number(), miss: z.number(), falseAlarm: z.number() }),
  /** For a target with classes: their names, the ones to warn of, and the calibration of raw probabilities. */
  classes: z
    .strictObject({
      names: z.array(z.string()).min(2),
      warnOf: z.array(z.string()).min(1),
      calibration: classCalibrationSchema,
    })
    .optional(),
  /** The file with the trees as JSON, for the reasons of answers. */
  forest: z.string(),
  /** The file with the distribution of the training rows; bundles that are older than drift detection have none. */
  reference: z.string().optional(),
  training: z.strictObject({
    data: z.string(),
    from: z.iso.datetime(),
    until: z.iso.datetime(),
    rows: z.int(),
    positives: z.int(),
    assets: z.int(),
    /** The assets of the training history; older bundles do not have this. */
    assetNames: z.array(z.string()).optional(),
    groups: z.int(),
    seed: z.int(),
    versions: z.record(z.string(), z.string()),
  }),
  /** SHA-256 of every other file of the bundle. */
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ModelFeature = z.infer<typeof feature>;
export type BundleMember = z.infer<typeof member>;

/** Computes the bundle's id from its contents. */
export function bundleId(manifest: Omit<Manifest, 'bundle'>): string {
  const { process } = manifest;
  const content = { ...manifest, bundle: undefined };
  return `${process}-${sha256(JSON.stringify(sorted(content))).slice(0, 12)}`;
}

export const sha256 = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex');

/** Sorts the keys of all objects, so that equal contents give equal text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
