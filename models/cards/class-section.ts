/** Writes a judgement of several classes as HTML. */
import { classHead, classRows, classVerdicts, confusionRows, partHead, partRows } from './class-text.ts';
import type { ClassJudgement } from '../judging/class-judgement.ts';
import { number } from './number-text.ts';
import { calibrationTable } from './judgement-section.ts';
import { grid, paragraph, htmlTable, tiles } from './page.ts';
import { dotPlot, linePlot, unit } from './plots.ts';

export function classesHtml(judgement: ClassJudgement): string[] {
  const [model] = judgement.scores;
  return [
    ...(model === undefined
      ? []
      : [
          tiles([
            { label: 'Accuracy', value: number(model.accuracy), note: between(model.accuracyBetween) },
            { label: 'Macro-F1', value: number(model.macroF1), note: between(model.macroF1Between) },
            { label: 'Log loss', value: number(model.logLoss), note: 'nats' },
            {
              label: 'Calibration error',
              value: number(judgement.calibrationError),
              note: 'of what it is called',
            },
          ]),
        ]),
    ...classVerdicts(judgement).map(paragraph),
    htmlTable('All contenders on the same rows', classHead, classRows(judgement)),
    htmlTable('Class by class', partHead, partRows(judgement)),
    htmlTable(
      'What it was (rows), and what it was called (columns)',
      ['', ...judgement.names],
      confusionRows(judgement),
    ),
    grid([f1Plot(judgement), calibrationPlot(judgement)]),
    calibrationTable(judgement.calibration),
  ];
}

const between = (range: readonly [number, number] | null): string =>
  range === null ? '' : `(${number(range[0])} to ${number(range[1])})`;

function f1Plot({ parts }: ClassJudgement): string {
  const known = parts.flatMap(({ f1 }) => f1 ?? []);
  return dotPlot({
    title: 'F1 by class',
    says: `Between ${number(Math.min(...known))} and ${number(Math.max(...known))}.`,
    from: 0,
    to: 1,
    filled: true,
    bars: parts.map(({ name, f1 }) => ({ name, value: f1 ?? 0, text: number(f1) })),
  });
}

const calibrationPlot = ({ calibration, calibrationError }: ClassJudgement): string =>
  linePlot({
    title: 'Calibration of what it is called',
    says: `How sure it was and how often it was right, in ten bins of equally many rows; on average they are ${number(calibrationError)} apart.`,
    x: { ...unit, label: 'predicted' },
    y: { ...unit, label: 'right' },
    series: [
      {
        name: 'xgboost',
        points: calibration.map((bin) => [bin.predicted, bin.observed]),
        hue: 0,
        dots: true,
      },
    ],
    diagonal: true,
  });
