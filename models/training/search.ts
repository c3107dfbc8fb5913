/**
 * Searches settings trial by trial over the folds of the development rows, until the time is up. It never uses
 * held-out rows. Both members are searched in parallel, one trial each at a time. So both cores are busy, and the
 * n-th trial of a member depends only on the seed and the member's earlier trials.
 */
import { createHash } from 'node:crypto';
import type { Dataset } from '../data/labelled-dataset.ts';
import { take } from '../numbers/matrix.ts';
import { lstmMember } from '../learners/lstm/lstm-member.ts';
import { xgboostMember } from '../learners/xgboost/xgboost-member.ts';
import type { TrainingSettings } from './settings.ts';
import type { Effort, MemberKind } from '../learners/member-kind.ts';
import { prAuc } from '../numbers/score-metrics.ts';
import type { Plan } from '../data/plan.ts';
import { SeededRandom } from '../../base/random.ts';
import { atSize, chooseSize, type FoldStages } from '../learners/stages.ts';
import { appendTrial, readTrials, type Trial } from './trials.ts';
import { lstmSpace, pointOf, settingsAt, xgboostSpace, type SearchDimension } from './search-space.ts';
import { propose } from './tpe.ts';

export interface SearchOptions {
  readonly dataset: Dataset;
  readonly plan: Plan;
  readonly effort: Effort;
  readonly seed: number;
  /** The settings that training would use without a search: trial 0. */
  readonly settings: TrainingSettings;
  /** The file that keeps the trials, one line each. */
  readonly file: string;
  /** No trial and no fold begins after this time, ms since the epoch. */
  readonly until: number;
  /** Maximum number of trials for each member. */
  readonly trials?: number;
  readonly onTrial?: (trial: Trial) => void;
}

/** Finds the best settings of each member by mean PR-AUC over the folds; those of trial 0 where none are better. */
export async function searchSettings(options: SearchOptions): Promise<TrainingSettings> {
  const { dataset, effort, settings } = options;
  const [xgboost, lstm] = await Promise.all([
    searchMember(options, 'xgboost', xgboostSpace, settings.xgboost, (tried) => xgboostMember(effort, tried)),
    dataset.sequences === undefined
      ? settings.lstm
      : searchMember(options, 'lstm', lstmSpace, settings.lstm, (tried) => lstmMember(effort, tried)),
  ]);
  return { xgboost, lstm };
}

async function searchMember<Name extends string, Of extends Readonly<Record<Name, number>>>(
  options: SearchOptions,
  member: Trial['member'],
  space: readonly SearchDimension<Name>[],
  start: Of,
  kindOf: (settings: Of) => MemberKind,
): Promise<Of> {
  const { file, until, trials: most = Infinity } = options;
  const search = nameOf(options, member);
  const trials = readTrials(file, search);
  while (trials.length < most && Date.now() < until) {
    const settings = { ...start, ...(trials.length === 0 ? {} : next(trials, space, options.seed)) };
    const trial = await tryOut(options, kindOf(settings), trials);
    if (trial === undefined) break;
    const done = { search, member, number: trials.length, settings, ...trial };
    appendTrial(file, done);
    trials.push(done);
    options.onTrial?.(done);
  }
  const best = trials.filter(({ pruned }) => !pruned).toSorted((a, b) => b.score - a.score)[0];
  return { ...start, ...best?.settings };
}

function next<Name extends string>(
  trials: readonly Trial[],
  space: readonly SearchDimension<Name>[],
  seed: number,
): Partial<Record<Name, number>> {
  const tried = trials.map(({ settings, score }) => ({
    point: pointOf(space, settings as Partial<Record<Name, number>>),
    score,
  }));
  const random = new SeededRandom(seed, `trial ${trials.length}`);
  return settingsAt(space, propose(tried, space.length, random));
}

type Outcome = Pick<Trial, 'size' | 'folds' | 'score' | 'pruned' | 'seconds'>;

/** @returns undefined when the time was up before the trial ended */
async function tryOut(
  { dataset, plan, seed, until }: SearchOptions,
  kind: MemberKind,
  earlier: readonly Trial[],
): Promise<Outcome | undefined> {
  const begun = Date.now();
  const done: FoldStages[] = [];
  for (const [index, fold] of plan.folds.entries()) {
    if (Date.now() >= until) return undefined;
    const { stages } = await kind.fit(dataset, fold.train, fold.test, kind.largest, seed + index + 1);
    done.push({ stages, labels: take(dataset.labels, fold.test) });
    const outcome = outcomeOf(done, (Date.now() - begun) / 1000);
    if (index < plan.folds.length - 1 && isHopeless(outcome, earlier)) return { ...outcome, pruned: true };
  }
  return outcomeOf(done, (Date.now() - begun) / 1000);
}

function outcomeOf(done: readonly FoldStages[], seconds: number): Outcome {
  const size = chooseSize(done);
  // A fold without a positive row has no PR-AUC.
  const folds = done.map(({ stages, labels }) => prAuc(atSize(stages, size), labels)).filter(Number.isFinite);
  return { size, folds, score: mean(folds), pruned: false, seconds: Math.round(seconds * 10) / 10 };
}

const enoughToPrune = 3;

/** Median pruning (Golovin et al. 2017): whether it is worse so far than half of the completed trials. */
function isHopeless({ folds }: Outcome, earlier: readonly Trial[]): boolean {
  const others = earlier
    .filter(({ pruned }) => !pruned)
    .map((each) => mean(each.folds.slice(0, folds.length)));
  if (others.length < enoughToPrune) return false;
  const median = others.toSorted((a, b) => a - b)[Math.floor(others.length / 2)] ?? 0;
  return mean(folds) < median;
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

const nameOf = ({ dataset, effort, seed, plan }: SearchOptions, member: string): string =>
  createHash('sha256')
    .update(JSON.stringify([dataset.id, member, seed, effort, plan.description]))
    .digest('hex')
    .slice(0, 12);
