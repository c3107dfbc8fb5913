/** Writes an evaluation as an HTML page. */
import { percent } from '../../base/text.ts';
import { malformedText } from '../../base/malformed.ts';
import { number } from './number-text.ts';
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
        : [
            warning(
              `The bundle was trained on this data, so all figures on this page are too good: ${seen}.`,
            ),
          ]),
      ...(malformed === undefined ? [] : [warning(`Not readable in the data: ${malformed}.`)]),
      ...classSections(evaluation),
      section(
        classes === undefined ? 'How good it is' : 'How well it warns',
        ...judgementHtml(evaluation.judgement, threshold),
      ),
      section(
        'Intervals of the probabilities',
        paragraph(
          `The stated coverage of a prediction’s interval is ${percent(interval.coverage)}. The measured coverage here is ${percent(interval.measured)} of the rows, in eight parts by probability.`,
        ),
        ...Object.entries(silent).map(([name, rows]) =>
          paragraph(`${name} did not answer ${rows} rows; the base rate replaces its answers.`),
        ),
      ),
      ...(evaluation.quantised === null ? [] : [quantisedHtml(evaluation.quantised)]),
      section(
        'How it was made',
        paragraph(
          `The bundle was trained on data set ${trainedOn.data}, ${trainedOn.from} to ${trainedOn.until}, ${trainedOn.rows} rows. In each of five folds, the baselines were fitted on the other groups of the evaluation data. The bundle does not have this advantage.`,
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
      'How well it distinguishes the classes',
      paragraph('The ranges are the middle 90 % of draws of complete groups.'),
      ...classesHtml(judgement),
    ),
    paragraph(warnOfText(warnOf)),
  ];
}
