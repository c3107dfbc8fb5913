/** Judges the ensemble on parts of the rows: by asset, by property of the piece (grade), by kind of defect. */
import type { Category, Dataset } from '../data/labelled-dataset.ts';
import { at, take } from '../numbers/matrix.ts';
import { confusion, falseAlarmRate, precision, recall } from '../numbers/score-metrics.ts';
import { drawBlocks, middle, type Between } from './bootstrap.ts';
import type { JudgeOptions } from './judge-options.ts';
import { areas, rankRows } from '../numbers/ranked-rows.ts';

export interface PartJudgement {
  /** The name of the division: `asset`, `defect`, or a property of the piece. */
  readonly by: string;
  readonly name: string;
  readonly rows: number;
  readonly positives: number;
  /** Null where one of the classes is absent. */
  readonly rocAuc: number | null;
  readonly prAuc: number | null;
  readonly rocAucBetween: Between;
  /** The figures of warnings from the threshold. */
  readonly precision: number;
  readonly recall: number;
  readonly falseAlarmRate: number;
}

/** The rows are not divided by a property with more values than this (order numbers). */
const mostNames = 40;

/** The options that a part depends on. */
type PartOptions = Pick<JudgeOptions, 'threshold' | 'seed'>;

/** @param probabilities one for each of `rows`, in their order, as in `group` */
export function judgeParts(
  dataset: Dataset,
  rows: Uint32Array,
  probabilities: ArrayLike<number>,
  group: ArrayLike<number>,
  options: PartOptions,
): PartJudgement[] {
  const { defect, properties } = dataset.facts;
  const assets: Category = {
    names: dataset.assets.map((asset) => asset.slice(asset.lastIndexOf('/') + 1)),
    of: Int32Array.from(dataset.places.asset),
  };
  const labels = take(dataset.labels, rows);
  const places = Uint32Array.from(rows.keys());
  const cut = (by: string, { names, of }: Category, also: (place: number) => boolean): PartJudgement[] => {
    if (names.length < 2 || names.length > mostNames) return [];
    return names.flatMap((name, index) => {
      const some = places.filter((place) => at(of, at(rows, place)) === index || also(place));
      return some.length === 0 ? [] : slice(by, name, some, labels, probabilities, group, options);
    });
  };
  return [
    ...cut('asset', assets, () => false),
    ...Object.entries(properties).flatMap(([name, category]) => cut(name, category, () => false)),
    // A part of one kind of defect contains all good rows too.
    ...cut('defect', defect, (place) => at(labels, place) === 0),
  ];
}

function slice(
  by: string,
  name: string,
  places: Uint32Array,
  allLabels: Float64Array,
  allProbabilities: ArrayLike<number>,
  group: ArrayLike<number>,
  { threshold, seed }: PartOptions,
): PartJudgement {
  const [labels, probabilities] = [take(allLabels, places), take(allProbabilities, places)];
  const called = confusion(probabilities, labels, threshold);
  const ranked = rankRows(probabilities, labels);
  const blocks = drawBlocks(take(group, places), seed);
  const { rocAuc, prAuc } = areas(ranked);
  const known = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return {
    by,
    name,
    rows: places.length,
    positives: labels.reduce((sum, label) => sum + label, 0),
    rocAuc: known(rocAuc),
    prAuc: Number.isFinite(rocAuc) ? known(prAuc) : null,
    rocAucBetween: Number.isFinite(rocAuc)
      ? middle(blocks.draws.map((weights) => areas(ranked, weights, blocks.of).rocAuc))
      : null,
    precision: precision(called),
    recall: recall(called),
    falseAlarmRate: falseAlarmRate(called),
  };
}
