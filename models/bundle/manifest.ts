/** What a bundle says of itself: `manifest.json`, parsed once when the bundle is loaded. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { calibrationSchema } from '../blend/calibration.ts';
import { classCalibrationSchema } from '../blend/class-calibration.ts';
import { intervalSchema } from '../blend/interval.ts';

/** A feature as the model knows it, with where it usually is and where it ever was. */
const feature = z.strictObject({
  name: z.string(),
  /** In plant words. */
  title: z.string(),
  unit: z.string(),
  /** The middle eight tenths of the training rows without the target; null when there is no value. */
  usual: z.tuple([z.number(), z.number()]).nullable(),
  /** Lowest and highest of the training rows. */
  seen: z.tuple([z.number(), z.number()]).nullable(),
});

const member = z.strictObject({
  name: z.enum(['xgboost', 'lstm']),
  file: z.string(),
  input: z.enum(['features', 'sequence']),
  /** Its share in the blend. */
  weight: z.number().min(0).max(1),
  /** From what the model says to the member's own probability. */
  calibration: calibrationSchema,
});

export const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** `<process>-<12 hex digits>`: a hash of everything else in here. */
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
      /** How long it is, ms. This and `words` are left out by bundles from before sequences were explained. */
      span: z.number().optional(),
      /** Of each tag; `normal` is the band whose units the sequence is in, null where it is in others. */
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
  /** From the blend to the probability. */
  calibration: calibrationSchema,
  interval: intervalSchema,
  threshold: z.strictObject({ value: z.number(), miss: z.number(), falseAlarm: z.number() }),
  /** Where the target has classes: their names, those that a warning is about, and from raw to probability. */
  classes: z
    .strictObject({
      names: z.array(z.string()).min(2),
      warnOf: z.array(z.string()).min(1),
      calibration: classCalibrationSchema,
    })
    .optional(),
  /** The trees in plain form, for explanations. */
  forest: z.string(),
  /** How the training rows were distributed, for drift; bundles from before there was drift have none. */
  reference: z.string().optional(),
  training: z.strictObject({
    data: z.string(),
    from: z.iso.datetime(),
    until: z.iso.datetime(),
    rows: z.int(),
    positives: z.int(),
    assets: z.int(),
    /** Whose history it was; bundles made before this was kept do not say. */
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

/** The bundle's id: what follows from its contents. */
export function bundleId(manifest: Omit<Manifest, 'bundle'>): string {
  const { process } = manifest;
  const content = { ...manifest, bundle: undefined };
  return `${process}-${sha256(JSON.stringify(sorted(content))).slice(0, 12)}`;
}

export const sha256 = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex');

/** The same value with object keys in order, so that equal content has equal text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
