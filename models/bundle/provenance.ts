/** The part of a manifest that says how the bundle was made: its training rows, the seed, the versions. */
import '../onnx/no-telemetry.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env as onnxRuntime } from 'onnxruntime-node';
import type { Dataset } from '../data/labelled-dataset.ts';
import type { Manifest } from './manifest.ts';
import { take } from '../numbers/matrix.ts';
import type { Plan } from '../data/plan.ts';

export const forestFile = 'forest.json';

/** Describes the training rows for the manifest. */
export function trainingFacts(dataset: Dataset, plan: Plan, seed: number): Manifest['training'] {
  return {
    data: dataset.id,
    from: new Date(dataset.from).toISOString(),
    until: new Date(dataset.until).toISOString(),
    rows: plan.develop.length,
    positives: take(dataset.labels, plan.develop).reduce((sum, label) => sum + label, 0),
    assets: dataset.assets.length,
    assetNames: [...dataset.assets],
    groups: new Set(take(plan.places.group, plan.develop)).size,
    seed,
    versions: versions(),
  };
}

function versions(): Record<string, string> {
  const project = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };
  return {
    castwatch: project.version,
    xgboost: '3.0.4',
    onnxruntime: onnxRuntime.versions.node ?? 'unknown',
  };
}
