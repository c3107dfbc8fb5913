/** Trains a bundle for a target with classes, and writes its folder. */
import { CastwatchError } from '../../base/errors.ts';
import { writeBundle } from '../bundle/bundle.ts';
import { type ModelCard } from '../cards/model-card.ts';
import { cardText } from '../cards/model-card-text.ts';
import { cardPage } from '../cards/model-card-page.ts';
import type { Manifest } from '../bundle/manifest.ts';
import { defaultSettings } from './settings.ts';
import { fullEffort } from '../learners/member-kind.ts';
import { historyFacts } from '../data/dataset-facts.ts';
import { planJudgement } from '../data/plan.ts';
import { reportLeaks } from '../data/leaks.ts';
import { forestFile, trainingFacts } from '../bundle/provenance.ts';
import { makeReference, referenceFile } from '../bundle/training-reference.ts';
import type { TrainOptions, Trained } from './train-options.ts';
import { trainClasses } from './class-training.ts';

/** @throws CastwatchError ENVIRONMENT when XGBoost's native library is missing */
export async function trainClassBundle(options: TrainOptions): Promise<Trained> {
  const { definition, dataset, out, seed, effort = fullEffort, onProgress } = options;
  if (options.search !== undefined)
    throw new CastwatchError(
      'CONFIGURATION',
      'The search for settings does not support a target with classes.',
      {
        remedy: 'Remove --search-minutes.',
      },
    );
  const { folds, rounds } = effort;
  const leaks = reportLeaks(options, planJudgement(definition, dataset, folds, seed));
  const trained = await trainClasses({
    definition,
    dataset,
    seed,
    folds,
    rounds,
    ...(onProgress && { onProgress }),
  });
  const { plan, size, settings } = trained;
  const manifest: Omit<Manifest, 'bundle' | 'files'> = {
    format: 1,
    process: dataset.process,
    target: dataset.target,
    featureSet: dataset.featureSet,
    sequence: null,
    ...trained.manifest,
    forest: forestFile,
    reference: referenceFile,
    training: trainingFacts(dataset, plan, seed),
  };
  const card: ModelCard = {
    process: dataset.process,
    title: definition.title,
    target: definition.target.title,
    data: historyFacts(dataset),
    plan: plan.description,
    seed,
    effort,
    members: [{ name: 'xgboost', weight: 1, size, settings }],
    calibration: 'vector scaling of the classes',
    threshold: manifest.threshold,
    interval: { coverage: manifest.interval.coverage, measured: manifest.interval.measured },
    versions: manifest.training.versions,
    ...trained.card,
    leaks,
  };
  const folder = writeBundle(out, manifest, {
    [referenceFile]: JSON.stringify(makeReference(dataset.features, plan.develop, trained.unseen)),
    [forestFile]: JSON.stringify(trained.forest),
    'xgboost.onnx': trained.onnx,
    'card.json': `${JSON.stringify(card, null, 2)}\n`,
    'card.md': cardText(card),
    'card.html': cardPage(card),
  });
  return { folder, card, settings: options.settings ?? defaultSettings };
}
