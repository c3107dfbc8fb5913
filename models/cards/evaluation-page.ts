/** An evaluation as a page. */
import { malformedText } from '../../base/malformed.ts';
import { inPercent, number } from './number-text.ts';
import type { Evaluation } from '../judging/evaluation.ts';
import { warnOfText } from './class-text.ts';
import { classesHtml } from './class-section.ts';
import { judgementHtml } from './judgement-section.ts';
import { page, paragraph, section, warning } from './page.ts';
import { quantisedHtml } from './quantised-section.ts';

export function evaluationPage(evaluation: Evaluation): string {
  const { classes, data, seen, trainedOn, interval, threshold, silent, made } = evaluation;
  const malformed = malformedText(data.malformed ?? {});
  const leftOut = Object.entries(data.leftOut).map(([reason, rows]) => `${rows} (${reason})`);
  return page({
    title: `${evaluation.title}: ${evaluation.target}`,
    subtitle: `Evaluation of ${evaluation.bundle} on data set ${data.id}: ${data.from.slice(0, 16)} to ${data.until.slice(0, 16)}, ${data.assets} assets, ${data.rows} rows.`,
    body: [
      ...(seen === null
        ? []
        : [warning(`The bundle learnt from this data, so every figure here is too good: ${seen}.`)]),
      ...(malformed === undefined ? [] : [warning(`Not readable in the data: ${malformed}.`)]),
      ...classSections(evaluation),
      section(
        classes === undefined ? 'How good it is' : 'How well it warns',
        ...judgementHtml(evaluation.judgement, threshold),
      ),
      section(
        'How sure it says it is',
        paragraph(
          `The interval of a prediction is stated to hold in ${inPercent(interval.coverage)} of the cases; here it held for ${inPercent(interval.measured)} of the rows, in eight parts by probability.`,
        ),
        ...Object.entries(silent).map(([name, rows]) =>
          paragraph(`${name} did not answer ${rows} rows; the base rate stands for it there.`),
        ),
      ),
      ...(evaluation.quantised === null ? [] : [quantisedHtml(evaluation.quantised)]),
      section(
        'Where it comes from',
        paragraph(
          `The bundle was trained on data set ${trainedOn.data}, ${trainedOn.from} to ${trainedOn.until}, ${trainedOn.rows} rows. The baselines were fitted on the other groups of the data judged on, five times over: an advantage that the bundle does not have.`,
        ),
        paragraph(
          `Feature set ${data.featureSet}, threshold ${number(threshold)}, seed ${evaluation.seed}. Left out: ${leftOut.join(', ') || 'nothing'}.`,
        ),
        paragraph(`Made by ${made.command}${made.commit === null ? '' : ` at commit ${made.commit}`}.`),
      ),
    ],
  });
}

function classSections({ classes }: Evaluation): string[] {
  if (classes === undefined) return [];
  const { judgement, warnOf } = classes;
  return [
    section(
      'How well it tells the classes apart',
      paragraph('The ranges are the middle 90 % when whole groups are drawn again.'),
      ...classesHtml(judgement),
    ),
    paragraph(warnOfText(warnOf)),
  ];
}
