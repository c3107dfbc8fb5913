/**
 * Finds data that reveals the label: a single feature that predicts the target on groups that it was not fitted on,
 * or labels that were known before the moment of prediction. The feature may be legitimate; then a rule is enough and
 * no model is needed. But mostly it is a column that was written after the fact.
 */
import { describeFeatures } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Dataset } from './labelled-dataset.ts';
import { at, take } from '../numbers/matrix.ts';
import { rocAuc } from '../numbers/score-metrics.ts';
import type { Plan } from './plan.ts';

export interface Leaks {
  /** Features that predict the target alone, best first: ROC-AUC on rows of other groups. */
  readonly features: readonly { readonly name: string; readonly rocAuc: number }[];
  /** The best feature that is no leak, for comparison; null when there is none. */
  readonly best: { readonly name: string; readonly rocAuc: number } | null;
  /** Number of rows whose label was found before the row ended. */
  readonly foundBefore: number;
}

/** ROC-AUC from which a feature counts as a leak. No single signal of a real process is that good. */
export const tooGood = 0.97;
const [bins, mostRows, mostFolds] = [24, 6000, 3];

export function findLeaks(dataset: Dataset, plan: Plan): Leaks {
  const scored = dataset.featureNames
    .map((name, column) => ({ name, rocAuc: aloneOutOfFold(dataset, plan, column) }))
    .filter(({ rocAuc: auc }) => !Number.isNaN(auc))
    .sort((a, b) => b.rocAuc - a.rocAuc);
  const { places, facts, labels } = dataset;
  let foundBefore = 0;
  for (let row = 0; row < labels.length; row += 1)
    if (at(facts.foundAt, row) < at(places.time, row)) foundBefore += 1;
  return {
    features: scored.filter(({ rocAuc: auc }) => auc >= tooGood),
    best: scored.find(({ rocAuc: auc }) => auc < tooGood) ?? null,
    foundBefore,
  };
}

/** Finds leaks, reports them as warnings, and returns them for the card. */
export function reportLeaks(
  {
    definition,
    dataset,
    onWarning,
  }: {
    readonly definition: ProcessDefinition;
    readonly dataset: Dataset;
    readonly onWarning?: (text: string) => void;
  },
  plan: Plan,
): Leaks & { readonly said: readonly string[] } {
  const words = describeFeatures(definition);
  const leaks = findLeaks(dataset, plan);
  const said = leakTexts(leaks, (name) => words.get(name)?.title ?? name);
  for (const text of said) onWarning?.(text);
  return { ...leaks, said };
}

/** One sentence for each leak; empty when there is none. */
export function leakTexts({ features, foundBefore }: Leaks, titleOf: (name: string) => string): string[] {
  return [
    ...features.map(
      ({ name, rocAuc: auc }) =>
        `"${titleOf(name)}" (${name}) alone tells the target: ROC-AUC ${auc.toFixed(3)} on groups that it was not fitted on. Is it written after the fact? Then take its tag out of the definition.`,
    ),
    ...(foundBefore === 0
      ? []
      : [
          `${foundBefore} rows end after their label had been found: what is known of them may be known because of it.`,
        ]),
  ];
}

/**
 * Mean ROC-AUC over some folds. A value's score is the target's rate in its bin of the training rows; missing is a
 * bin.
 */
function aloneOutOfFold(dataset: Dataset, { folds }: Plan, column: number): number {
  const { features, labels, classes } = dataset;
  const valueOf = (row: number): number => at(features.data, row * features.columns + column);
  const kinds: ((row: number) => number)[] =
    classes === undefined
      ? [(row) => at(labels, row)]
      : classes.names.map((_, kind) => (row) => (at(classes.of, row) === kind ? 1 : 0));
  const results = folds.slice(0, mostFolds).map(({ train, test }) => {
    const [learn, ask] = [thin(train), thin(test)];
    const edges = edgesOf(Float64Array.from(learn, valueOf));
    const [learnt, asked] = [learn, ask].map((rows) =>
      Uint8Array.from(rows, (row) => binOf(edges, valueOf(row))),
    );
    const perKind = kinds.map((is) => {
      const rates = ratesOf(learnt ?? [], Float64Array.from(learn, is));
      return rocAuc(take(rates, asked ?? []), Float64Array.from(ask, is));
    });
    const known = perKind.filter((auc) => !Number.isNaN(auc));
    // A feature that reveals some classes only is no leak: the mean is over all classes.
    return known.reduce((sum, auc) => sum + auc, 0) / known.length;
  });
  const known = results.filter((auc) => !Number.isNaN(auc));
  return known.reduce((sum, auc) => sum + auc, 0) / known.length;
}

function edgesOf(values: Float64Array): Float64Array {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return sorted;
  // Half of the bins by rank, half by width: so a rare extreme value is not lost in a quantile.
  const [low, high] = [at(sorted, 0), at(sorted, sorted.length - 1)];
  const half = bins / 2;
  const byRank = Array.from({ length: half }, (_, i) =>
    at(sorted, Math.floor((i / half) * (sorted.length - 1))),
  );
  const byWidth = Array.from({ length: half }, (_, i) => low + ((i + 0.5) / half) * (high - low));
  return Float64Array.from([...byRank, ...byWidth]).sort();
}

/** 0 for a missing value; otherwise 1 + the number of edges at or below the value. */
function binOf(edges: Float64Array, value: number): number {
  if (Number.isNaN(value)) return 0;
  let bin = 1;
  for (const edge of edges) if (value >= edge) bin += 1;
  return bin;
}

function ratesOf(binned: ArrayLike<number>, labels: Float64Array): Float64Array {
  const [hits, counts] = [new Float64Array(bins + 2), new Float64Array(bins + 2)];
  const overall = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  labels.forEach((label, row) => {
    const bin = at(binned, row);
    hits[bin] = (hits[bin] ?? 0) + label;
    counts[bin] = (counts[bin] ?? 0) + 1;
  });
  return hits.map((hit, bin) => (hit + overall) / (at(counts, bin) + 1));
}

function thin(rows: Uint32Array): Uint32Array {
  const step = Math.max(1, Math.ceil(rows.length / mostRows));
  return rows.filter((_, index) => index % step === 0);
}
