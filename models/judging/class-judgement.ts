/** Judges probabilities of several classes. Each row is called its most likely class. */
import { drawBlocks, middle, type Between, type Blocks } from './bootstrap.ts';
import { reliabilityBins, calibrationError, type ReliabilityBin } from './figures.ts';
import { at } from '../numbers/matrix.ts';
import { rocAuc } from '../numbers/score-metrics.ts';
import { classLogLoss } from '../blend/class-calibration.ts';

export interface ClassScore {
  readonly name: string;
  readonly accuracy: number;
  /** Unweighted mean of the classes' F1, without classes that have no rows and no calls. */
  readonly macroF1: number;
  readonly logLoss: number;
  readonly accuracyBetween: Between;
  readonly macroF1Between: Between;
}

export interface ClassPart {
  readonly name: string;
  readonly rows: number;
  readonly precision: number;
  readonly recall: number;
  /** Null where the class has no rows and no calls. */
  readonly f1: number | null;
  /** The class against all others; null where one side is absent. */
  readonly rocAuc: number | null;
}

export interface ClassJudgement {
  readonly rows: number;
  readonly names: readonly string[];
  /** The model first, then the baselines. */
  readonly scores: readonly ClassScore[];
  /** Accuracy and macro-F1 of each repeat of the cross-validation with other folds. */
  readonly repeats: readonly { readonly accuracy: number; readonly macroF1: number }[];
  readonly parts: readonly ClassPart[];
  /** Row: the actual class; column: the called class. */
  readonly confusion: readonly (readonly number[])[];
  /** Calibration of the called class: its mean probability, and the share of right calls. */
  readonly calibration: readonly ReliabilityBin[];
  readonly calibrationError: number;
}

export interface ClassContestant {
  readonly name: string;
  /** [rows × classes] */
  readonly probabilities: Float64Array;
}

export function judgeClasses(
  names: readonly string[],
  classOf: ArrayLike<number>,
  group: ArrayLike<number>,
  contenders: readonly ClassContestant[],
  repeats: ClassJudgement['repeats'],
  seed: number,
): ClassJudgement {
  const blocks = drawBlocks(group, seed);
  const [model] = contenders;
  const probabilities = model?.probabilities ?? new Float64Array();
  const called = callRows(probabilities, names.length);
  const confusion = confusionOf(classOf, called, names.length);
  const sure = Float64Array.from(called, (kind, row) => at(probabilities, row * names.length + kind));
  const right = Float64Array.from(called, (kind, row) => (kind === at(classOf, row) ? 1 : 0));
  const calibration = reliabilityBins(sure, right);
  return {
    rows: classOf.length,
    names,
    scores: contenders.map((each) => scoreClasses(each, classOf, names.length, blocks)),
    repeats,
    parts: names.map((name, kind) => part(name, kind, confusion, probabilities, classOf, names.length)),
    confusion,
    calibration,
    calibrationError: calibrationError(calibration),
  };
}

/** The most likely class of each row. @param probabilities [rows × classes] */
export function callRows(probabilities: ArrayLike<number>, classes: number): Uint32Array {
  return Uint32Array.from({ length: probabilities.length / classes }, (_, row) => {
    let best = 0;
    for (let kind = 1; kind < classes; kind += 1)
      if (at(probabilities, row * classes + kind) > at(probabilities, row * classes + best)) best = kind;
    return best;
  });
}

/** Accuracy and macro-F1 of calls. @param weight the weight of each row; default 1 */
export function figuresOfCalls(
  classOf: ArrayLike<number>,
  called: ArrayLike<number>,
  classes: number,
  weight: (row: number) => number = () => 1,
): { accuracy: number; macroF1: number } {
  const counts = confusionOf(classOf, called, classes, weight);
  const total = counts.flat().reduce((sum, count) => sum + count, 0);
  const right = counts.reduce((sum, row, kind) => sum + (row[kind] ?? 0), 0);
  const f1s = counts.map((_, kind) => ratesOf(counts, kind).f1).filter((f1) => !Number.isNaN(f1));
  return { accuracy: right / total, macroF1: f1s.reduce((sum, f1) => sum + f1, 0) / f1s.length };
}

function scoreClasses(
  { name, probabilities }: ClassContestant,
  classOf: ArrayLike<number>,
  classes: number,
  blocks: Blocks,
): ClassScore {
  const called = callRows(probabilities, classes);
  const drawn = blocks.draws.map((weights) =>
    figuresOfCalls(classOf, called, classes, (row) => at(weights, at(blocks.of, row))),
  );
  return {
    name,
    ...figuresOfCalls(classOf, called, classes),
    logLoss: classLogLoss(probabilities, classOf, classes),
    accuracyBetween: middle(drawn.map(({ accuracy }) => accuracy)),
    macroF1Between: middle(drawn.map(({ macroF1 }) => macroF1)),
  };
}

function confusionOf(
  classOf: ArrayLike<number>,
  called: ArrayLike<number>,
  classes: number,
  weight: (row: number) => number = () => 1,
): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let row = 0; row < classOf.length; row += 1) {
    const mine = counts[at(classOf, row)];
    const kind = at(called, row);
    if (mine !== undefined) mine[kind] = (mine[kind] ?? 0) + weight(row);
  }
  return counts;
}

/** F1 is NaN where the class has no rows and no calls. */
function ratesOf(counts: readonly (readonly number[])[], kind: number) {
  const hits = counts[kind]?.[kind] ?? 0;
  const there = counts[kind]?.reduce((sum, count) => sum + count, 0) ?? 0;
  const called = counts.reduce((sum, row) => sum + (row[kind] ?? 0), 0);
  return {
    precision: called === 0 ? 0 : hits / called,
    recall: there === 0 ? 0 : hits / there,
    f1: (2 * hits) / (there + called),
    there,
  };
}

function part(
  name: string,
  kind: number,
  confusion: readonly (readonly number[])[],
  probabilities: ArrayLike<number>,
  classOf: ArrayLike<number>,
  classes: number,
): ClassPart {
  const { there, precision, recall, f1 } = ratesOf(confusion, kind);
  const scores = Float64Array.from({ length: classOf.length }, (_, row) =>
    at(probabilities, row * classes + kind),
  );
  const auc = rocAuc(
    scores,
    Float64Array.from({ length: classOf.length }, (_, row) => (at(classOf, row) === kind ? 1 : 0)),
  );
  return {
    name,
    rows: there,
    precision,
    recall,
    f1: Number.isNaN(f1) ? null : f1,
    rocAuc: Number.isFinite(auc) ? auc : null,
  };
}
