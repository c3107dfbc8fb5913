/** The tables and sentences of a judgement of several classes. Text, pages and the command line share them. */
import type { ClassJudgement } from '../judging/class-judgement.ts';
import { number, range } from './number-text.ts';

export const classHead = ['', 'accuracy', 'macro-F1', 'log loss'];

export const classRows = ({ scores }: ClassJudgement): string[][] =>
  scores.map(({ name, accuracy, accuracyBetween, macroF1, macroF1Between, logLoss }) => [
    name,
    number(accuracy) + range(accuracyBetween),
    number(macroF1) + range(macroF1Between),
    number(logLoss),
  ]);

export const partHead = ['class', 'rows', 'precision', 'recall', 'F1', 'ROC-AUC'];

export const partRows = ({ parts }: ClassJudgement): string[][] =>
  parts.map(({ name, rows, precision, recall, f1, rocAuc }) => [
    name,
    String(rows),
    number(precision),
    number(recall),
    number(f1),
    number(rocAuc),
  ]);

/** Stands between the judgement of the classes and the judgement of the warnings. */
export const warnOfText = (warnOf: readonly string[]): string =>
  `What follows is about ${warnOf.join(' or ')}: what a warning is about.`;

export const confusionRows = ({ names, confusion }: ClassJudgement): string[][] =>
  confusion.map((counts, kind) => [names[kind] ?? '', ...counts.map(String)]);

/** Sentences about the repeats and the calibration. */
export function classVerdicts({ rows, repeats, calibrationError }: ClassJudgement): string[] {
  const mean = (pick: (repeat: ClassJudgement['repeats'][number]) => number): number =>
    repeats.reduce((sum, repeat) => sum + pick(repeat), 0) / repeats.length;
  const spread = (pick: (repeat: ClassJudgement['repeats'][number]) => number): string => {
    const values = repeats.map(pick);
    return `${number(Math.min(...values))} to ${number(Math.max(...values))}`;
  };
  const over =
    repeats.length < 2
      ? []
      : [
          `Over ${repeats.length} repeats with other folds: accuracy ${number(mean(({ accuracy }) => accuracy))} (${spread(({ accuracy }) => accuracy)}), macro-F1 ${number(mean(({ macroF1 }) => macroF1))} (${spread(({ macroF1 }) => macroF1)}).`,
        ];
  return [
    `${rows} rows, each called what is most likely.`,
    ...over,
    `What it was called had the probability that was said to within ${number(calibrationError)} on average.`,
  ];
}
