/**
 * Evaluates a bundle on data that it has not seen, compared with baselines that are fitted on other groups of the
 * data.
 */
import type { Bundle } from '../bundle/bundle.ts';
import { checkBundleFits, rowShapeOf } from '../bundle/row-shape.ts';
import { naiveBaselines } from './naive-baselines.ts';
import { datasetFacts, type DatasetFacts } from '../data/dataset-facts.ts';
import { checkClassesFit, evaluateClasses, type ClassEvaluation } from './class-evaluation.ts';
import type { Dataset } from '../data/labelled-dataset.ts';
import { boundsOf } from '../blend/interval.ts';
import { joinContests, type Contest } from './contest.ts';
import { judgeOptions, type TrueProbability } from './judge-options.ts';
import { judgeContest, type Judgement } from './judgement.ts';
import { ascending, at, take } from '../numbers/matrix.ts';
import { planJudgement, type Plan } from '../data/plan.ts';
import { quantisedVariant } from '../bundle/quantised-bundle.ts';
import { groupFolds, stratifiedFolds, type Split } from '../data/splits.ts';
import { longestLook } from '../../processes/features.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Malformed } from '../../base/malformed.ts';
import { CastwatchError } from '../../base/errors.ts';
import { leadByChance } from './lead.ts';
import { judgeQuantised, type QuantisedJudgement } from './quantised-judgement.ts';
import { answered, filled, replay } from './bundle-answers.ts';
import { checkUnseen } from './seen.ts';

export interface Evaluation {
  readonly kind: 'evaluation';
  readonly process: string;
  readonly title: string;
  readonly target: string;
  readonly bundle: string;
  readonly trainedOn: {
    readonly data: string;
    readonly from: string;
    readonly until: string;
    readonly rows: number;
  };
  readonly data: DatasetFacts & {
    readonly leftOut: Readonly<Record<string, number>>;
    readonly malformed?: Malformed;
  };
  /** Which part of the data the bundle saw in training; null when it saw none. */
  readonly seen: string | null;
  /** Number of rows that a member did not answer, by its name. The base rate replaces these answers. */
  readonly silent: Readonly<Record<string, number>>;
  readonly threshold: number;
  /** The coverage that the bundle states, and the measured one: see {@link measuredCoverage}. */
  readonly interval: { readonly coverage: number; readonly measured: number };
  readonly judgement: Judgement;
  /** Present where the target has classes; `judgement` is then about the classes to warn of. */
  readonly classes?: ClassEvaluation;
  /** The judgement of the 8-bit variant; null where the bundle has no recurrent network with a weight. */
  readonly quantised: QuantisedJudgement | null;
  readonly seed: number;
  /** The command that made the evaluation, and the commit where it is known. */
  readonly made: { readonly command: string; readonly commit: string | null };
}

export interface EvaluateOptions {
  readonly definition: ProcessDefinition;
  readonly bundle: Bundle;
  readonly dataset: Dataset;
  readonly truth?: TrueProbability;
  readonly seed: number;
  readonly allowSeen: boolean;
  readonly made: Evaluation['made'];
  readonly onProgress?: (what: string, share: number) => void;
}

const folds = 5;

/** @throws CastwatchError INPUT when the bundle was trained on the data, MODEL when the bundle does not fit the data */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { definition, bundle, dataset, seed, truth } = options;
  const { manifest } = bundle;
  checkBundleFits(bundle, {
    ...rowShapeOf(definition),
    process: dataset.process,
    featureSet: dataset.featureSet,
  });
  checkClassesFit(bundle, definition);
  const seen = checkUnseen(manifest, dataset, options.allowSeen);
  const said = await replay(bundle, dataset, (share) =>
    options.onProgress?.(`running ${manifest.bundle}`, share),
  );
  const rows = answered(said);
  if (rows.length === 0)
    throw new CastwatchError(
      'INPUT',
      `${manifest.bundle} could not answer any of ${dataset.labels.length} rows`,
    );

  const plan = planJudgement(definition, dataset, folds);
  const base = manifest.training.positives / manifest.training.rows;
  const members = manifest.members.map(({ name }, index) => ({
    name,
    ...filled(take(said.members[index] ?? [], rows), base),
  }));
  const probabilityOf = new Map(Array.from(rows, (row, place) => [row, place]));
  const splits = splitsOf(options, plan, rows);
  const contest = splits
    .map(({ train, test }): Contest => {
      const places = Uint32Array.from(test, (row) => probabilityOf.get(row) ?? 0);
      return {
        rows: test,
        ensemble: take(said.ensemble, test),
        members: members.map(({ name, values }) => ({ name, probabilities: take(values, places) })),
        baselines: naiveBaselines(dataset, train, test),
      };
    })
    .reduce(joinContests);
  const threshold = manifest.threshold.value;
  const judging = judgeOptions(definition, { threshold, truth, seed });
  const judged = judgeContest(dataset, plan, contest, judging);
  const judgement = {
    ...judged,
    lead: judged.lead && {
      ...judged.lead,
      byChance: leadByChance(dataset, contest.rows, contest.ensemble, judging),
    },
  };
  const variant = quantisedVariant(bundle);
  const variantJudged =
    variant &&
    (await judgeQuantised(bundle, variant, dataset, said, rows, seed, (share) =>
      options.onProgress?.('running its 8-bit variant', share),
    ));
  const { training } = manifest;
  return {
    kind: 'evaluation',
    process: definition.process,
    title: definition.title,
    target: definition.target.title,
    bundle: manifest.bundle,
    trainedOn: { data: training.data, from: training.from, until: training.until, rows: training.rows },
    data: {
      ...datasetFacts(dataset),
      leftOut: {
        ...dataset.leftOut,
        ...(rows.length < dataset.labels.length && {
          'no model could answer': dataset.labels.length - rows.length,
        }),
      },
      ...(dataset.malformed && { malformed: dataset.malformed }),
    },
    seen,
    silent: Object.fromEntries(members.flatMap(({ name, silent }) => (silent === 0 ? [] : [[name, silent]]))),
    threshold,
    interval: {
      coverage: manifest.interval.coverage,
      measured: measuredCoverage(bundle, take(said.ensemble, rows), take(dataset.labels, rows)),
    },
    judgement,
    ...(said.classes && { classes: evaluateClasses(bundle, dataset, plan, said.classes, splits, seed) }),
    quantised: variantJudged ?? null,
    seed,
    made: options.made,
  };
}

/** Splits as training does: rows in no order at random, all others by complete groups. */
function splitsOf({ definition, dataset, seed }: EvaluateOptions, plan: Plan, rows: Uint32Array): Split[] {
  if (definition.target.about === 'row')
    return stratifiedFolds(dataset.classes?.of ?? dataset.labels, rows, folds, seed);
  const alone = dataset.groups.every((group) => dataset.assets.includes(group));
  return groupFolds(plan.places, rows, folds, longestLook(definition), alone);
}

const parts = 8;

/**
 * Cuts the rows into eight equal parts by probability.
 * @returns the share of rows in parts whose rate lies inside their mean interval
 */
function measuredCoverage({ manifest }: Bundle, probabilities: Float64Array, labels: Float64Array): number {
  const order = ascending(probabilities);
  let held = 0;
  for (let part = 0; part < parts; part += 1) {
    const rows = order.subarray(
      Math.floor((part * order.length) / parts),
      Math.floor(((part + 1) * order.length) / parts),
    );
    let [lower, upper, rate] = [0, 0, 0];
    for (const row of rows) {
      const bounds = boundsOf(manifest.interval, at(probabilities, row), 0);
      lower += bounds.lower / rows.length;
      upper += bounds.upper / rows.length;
      rate += at(labels, row) / rows.length;
    }
    if (lower <= rate && rate <= upper) held += rows.length;
  }
  return held / order.length;
}
