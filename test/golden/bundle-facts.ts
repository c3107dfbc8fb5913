/** Facts about bundles and their answers: the shipped bundles, and one that the test trains. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { loadBundle } from '../../models/bundle/bundle.ts';
import { bundlesFolder } from '../../models/bundle/champion-file.ts';
import { createPredictor } from '../../models/serving/bundle-predictor.ts';
import { describeBundle } from '../../models/bundle/places.ts';
import { train } from '../../models/training/train-bundle.ts';
import type { Answer } from '../../processors/predict/predictor.ts';
import { parseDefinition } from '../../processes/load.ts';
import { smallDataset, smallEffort, smallPlant } from '../models/small-plant.ts';
import type { Golden } from './archive.ts';
import { goldenSerde, topics } from './steps.ts';

export interface BundleFacts {
  readonly bundle: string;
  readonly checksum: string;
  readonly featureSet: string;
  /** The answers to every 20th row of features. */
  readonly answers: readonly Answer[];
}

export async function bundleFacts(id: string, golden: Golden): Promise<BundleFacts> {
  const { process } = parseDefinition(golden.definition, 'golden.yaml');
  const loaded = loadBundle(join(bundlesFolder, process, id));
  const codec = goldenSerde(golden.schemas).codec('features');
  const rows = (golden.topics[topics.features] ?? [])
    .flat()
    .flatMap(({ value }) => (value === null ? [] : [codec.decode(value)]))
    .filter((_, index) => index % 20 === 0);
  const predictor = await createPredictor(loaded);
  try {
    const { bundle, checksum, featureSet } = describeBundle(loaded, bundlesFolder);
    return { bundle, checksum, featureSet, answers: await predictor.predict(rows) };
  } finally {
    await predictor.close();
  }
}

export interface TrainingFacts {
  /** The kind of processor that it was trained on; another may round differently. */
  readonly processor: string;
  /** The bundle's id, which is a digest of its content. */
  readonly bundle: string;
}

export const processor = `${process.arch} ${cpus()[0]?.model ?? ''}`;

/** Trains a bundle of four cells and eight minutes with little effort; takes about 1 s. */
export async function trainingFacts(): Promise<TrainingFacts> {
  const out = mkdtempSync(join(tmpdir(), 'castwatch-golden-'));
  try {
    const dataset = await smallDataset(4, 8);
    const effort = { ...smallEffort, folds: 2, rounds: 8, epochs: 1, hidden: 4, rowsPerEpoch: 200 };
    const { folder } = await train({ definition: smallPlant, dataset, out, seed: 4, effort });
    return { processor, bundle: basename(folder) };
  } finally {
    rmSync(out, { recursive: true });
  }
}
