/**
 * Trains a bundle from a data set. It cross-validates the members, fits weights and calibration on their out-of-fold
 * predictions, trains the members on all development rows, judges the result on held-out rows, and writes the folder.
 * The same data set, seed and machine type give the same bytes.
 */
import { rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { sequenceTags } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { writeBundle } from '../bundle/bundle.ts';
import type { ModelCard } from '../cards/model-card.ts';
import { cardText } from '../cards/model-card-text.ts';
import { cardPage } from '../cards/model-card-page.ts';
import { trainClassBundle } from './train-class-bundle.ts';
import { combine, fitCombiner, type Combiner } from '../blend/combiner.ts';
import type { Dataset } from '../data/labelled-dataset.ts';
import { crossFitted, crossValidate, type OutOfFold } from './cross-validation.ts';
import { describeModelFeatures, sequenceWords, strengths } from '../bundle/feature-facts.ts';
import { resumable } from './finished-fits.ts';
import { fitInterval } from '../blend/interval.ts';
import { contest } from '../judging/contest.ts';
import { judgeOptions } from '../judging/judge-options.ts';
import { judgeContest } from '../judging/judgement.ts';
import { reportLeaks } from '../data/leaks.ts';
import type { Manifest } from '../bundle/manifest.ts';
import { take } from '../numbers/matrix.ts';
import { defaultSettings } from './settings.ts';
import { lstmMember } from '../learners/lstm/lstm-member.ts';
import { xgboostMember } from '../learners/xgboost/xgboost-member.ts';
import { fullEffort, type Effort, type Fitted, type MemberKind } from '../learners/member-kind.ts';
import { planJudgement, type Plan } from '../data/plan.ts';
import { historyFacts } from '../data/dataset-facts.ts';
import { forestFile, trainingFacts } from '../bundle/provenance.ts';
import { makeReference, referenceFile } from '../bundle/training-reference.ts';
import { searchSettings } from './search.ts';
import type { Trained, TrainOptions } from './train-options.ts';
import { droppedFeatures } from '../learners/feature-worth.ts';
import { atSize } from '../learners/stages.ts';
import { theoreticalThreshold } from '../blend/threshold.ts';

/** @throws CastwatchError ENVIRONMENT when XGBoost's native library is missing */
export async function train(options: TrainOptions): Promise<Trained> {
  if (options.dataset.classes !== undefined) return trainClassBundle(options);
  const { definition, out, seed, effort = fullEffort } = options;
  const plan = planJudgement(definition, options.dataset, effort.folds);
  // Code that splits the rows further keeps these groups together.
  const dataset = { ...options.dataset, places: plan.places };
  const leaks = reportLeaks(options, plan);
  const before = options.settings ?? defaultSettings;
  const settings =
    options.search === undefined
      ? before
      : await searchSettings({ ...options.search, dataset, plan, effort, seed, settings: before });
  const keep = (kind: MemberKind): MemberKind => {
    if (options.unfinished === undefined) return kind;
    return resumable(kind, options.unfinished, () =>
      options.onProgress?.(`${kind.name}: found a finished fit`, done / steps),
    );
  };
  const kinds = [
    xgboostMember(effort, settings.xgboost),
    ...(dataset.sequences === undefined ? [] : [lstmMember(effort, settings.lstm, options.lstmTrainer)]),
  ].map(keep);
  const steps = kinds.length * (plan.folds.length + 1) + 1;
  let done = 0;
  const advance = (what: string): void => {
    done += 1;
    options.onProgress?.(what, done / steps);
  };

  const members = await Promise.all(
    kinds.map((kind) =>
      crossValidate(dataset, plan, kind, seed, () => {
        advance(`cross-validating ${kind.name}`);
      }),
    ),
  );
  const combined = fitOnOutOfFold(definition, dataset, plan, members, seed);
  const fitted = await Promise.all(
    members.map(async ({ kind, size }) => {
      const result = await kind.fit(dataset, plan.develop, plan.heldOut, size, seed);
      advance(`training ${kind.name}`);
      return { kind, size, result };
    }),
  );

  const judging = judgeOptions(definition, { threshold: combined.threshold, truth: options.truth, seed });
  const names = kinds.map(({ name }) => name);
  const raw = fitted.map(({ result, size }) => atSize(result.stages, size));
  const heldOut =
    plan.heldOut.length === 0
      ? null
      : contest(dataset, combined.combiner, names, raw, plan.develop, plan.heldOut);
  const material: Material = {
    ...options,
    dataset,
    effort,
    plan,
    searched: !isDeepStrictEqual(settings, defaultSettings),
    members,
    fitted: fitted.map(({ result }) => result),
    ...combined,
  };
  const manifest = describe(material);
  const card: ModelCard = {
    ...cardFacts(material, manifest),
    leaks,
    crossValidated: judgeContest(dataset, plan, crossFitted(dataset, plan, members), judging),
    heldOut: heldOut && judgeContest(dataset, plan, heldOut, judging),
  };
  const folder = writeBundle(out, manifest, bundleFiles(material, card));
  advance('judging');
  // The bundle is written, so the kept fits are no longer needed.
  if (options.unfinished !== undefined) rmSync(options.unfinished, { recursive: true, force: true });
  return { folder, card, settings };
}

interface Combined {
  readonly combiner: Combiner;
  readonly threshold: number;
  readonly interval: Manifest['interval'];
  /** The ensemble's probabilities of rows that no member had seen. */
  readonly unseen: Float64Array;
}

interface Material extends TrainOptions, Combined {
  readonly effort: Effort;
  readonly plan: Plan;
  /** Whether the settings differ from the defaults. */
  readonly searched: boolean;
  readonly members: readonly OutOfFold[];
  /** In the order of the members. */
  readonly fitted: readonly Fitted[];
}

const coverage = 0.9;

function fitOnOutOfFold(
  { target }: ProcessDefinition,
  dataset: Dataset,
  plan: Plan,
  members: readonly OutOfFold[],
  seed: number,
): Combined {
  const rows = Uint32Array.from(plan.folds.flatMap(({ test }) => Array.from(test)));
  const labels = take(dataset.labels, rows);
  const group = take(plan.places.group, rows);
  const raw = members.map(({ probabilities }) => take(probabilities, rows));
  const combiner = fitCombiner(raw, labels, group);
  const unseen = combine(combiner, raw);
  return {
    combiner,
    threshold: theoreticalThreshold(target.cost),
    interval: fitInterval(unseen, labels, group, coverage, seed),
    unseen,
  };
}

function describe(material: Material): Omit<Manifest, 'bundle' | 'files'> {
  const { definition, dataset, plan, members, combiner, interval, threshold, seed } = material;
  const { sequence } = definition.features;
  const tags = sequenceTags(definition).map((index) => definition.tags[index]?.id ?? '');
  return {
    format: 1,
    process: dataset.process,
    target: dataset.target,
    featureSet: dataset.featureSet,
    features: describeModelFeatures(definition, dataset, plan.develop),
    sequence:
      sequence === undefined
        ? null
        : {
            steps: dataset.steps,
            channels: dataset.channels,
            tags,
            span: dataset.steps * sequence.every,
            words: sequenceWords(definition),
          },
    members: members.map(({ kind }, index) => ({
      name: kind.name,
      file: `${kind.name}.onnx`,
      input: kind.input,
      weight: combiner.weights[index] ?? 0,
      calibration: combiner.own[index] ?? combiner.calibration,
    })),
    calibration: combiner.calibration,
    interval,
    threshold: { value: threshold, ...definition.target.cost },
    forest: forestFile,
    reference: referenceFile,
    training: trainingFacts(dataset, plan, seed),
  };
}

const searchedOnFolds =
  '; settings were searched on the same folds, so the cross-validated figures flatter a little';

type CardFacts = Omit<ModelCard, 'crossValidated' | 'heldOut'>;

function cardFacts(
  { definition, dataset, effort, plan, searched, members, fitted }: Material,
  manifest: Omit<Manifest, 'bundle' | 'files'>,
): CardFacts {
  const { training, threshold, interval, calibration } = manifest;
  const trees = fitted.findIndex(({ worth }) => worth !== undefined);
  const { forest, worth } = fitted[trees] ?? {};
  return {
    process: dataset.process,
    title: definition.title,
    target: definition.target.title,
    data: historyFacts(dataset),
    plan: plan.description + (searched ? searchedOnFolds : ''),
    seed: training.seed,
    effort,
    members: members.map(({ kind, size }, index) => ({
      name: kind.name,
      weight: manifest.members[index]?.weight ?? 0,
      size,
      settings: kind.settings,
    })),
    ...(worth !== undefined && {
      selection: {
        features: worth.length,
        folds: plan.folds.length,
        dropped: droppedFeatures(dataset.featureNames, worth, members[trees]?.worths ?? []),
      },
    }),
    calibration: calibration.method,
    threshold,
    interval: { coverage: interval.coverage, measured: interval.measured },
    features:
      forest === undefined ? [] : strengths(forest, manifest.features, dataset, plan.develop).slice(0, 15),
    versions: training.versions,
  };
}

/**
 * Named cells are permanent assets with their own usual values. With `any` cells, each asset is a run of a test bed.
 */
const lastingAssets = ({ definition, dataset }: Material) =>
  definition.cells === 'any' ? undefined : { of: dataset.places.asset, names: dataset.assets };

function bundleFiles(material: Material, card: ModelCard): Record<string, Buffer | string> {
  const { dataset, plan, members, fitted, unseen } = material;
  const files: Record<string, Buffer | string> = {
    [referenceFile]: JSON.stringify(
      makeReference(dataset.features, plan.develop, unseen, lastingAssets(material)),
    ),
    'card.json': `${JSON.stringify(card, null, 2)}\n`,
    'card.md': cardText(card),
    'card.html': cardPage(card),
  };
  members.forEach(({ kind }, index) => {
    const result = fitted[index];
    if (result === undefined) return;
    files[`${kind.name}.onnx`] = result.onnx;
    if (result.forest !== undefined) files[forestFile] = JSON.stringify(result.forest);
  });
  return files;
}
