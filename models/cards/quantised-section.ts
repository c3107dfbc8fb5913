/** Writes the judgement of a bundle's 8-bit variant for an evaluation. */
import { percent } from '../../base/text.ts';
import {
  isOffered,
  tolerance,
  type Change,
  type QuantisedJudgement,
} from '../judging/quantised-judgement.ts';
import { paragraph, section, htmlTable } from './page.ts';

/** The verdict in a sentence or two. */
export function quantisedText(judged: QuantisedJudgement): string {
  const { isCalibrated, isFaster, isRowByRow, times } = judged;
  const ratios = times.map(({ rows, full, int8 }) => `${(int8 / full).toFixed(2)} at ${rows}`).join(', ');
  return [
    `The 8-bit variant of the recurrent network is ${isOffered(judged) ? 'offered' : 'not offered'}:`,
    `it ${isCalibrated ? 'keeps' : 'does not keep'} the calibration`,
    `${isCalibrated === isFaster ? 'and' : 'but'} is ${isFaster ? 'faster' : 'not faster'}`,
    `(its time, as a multiple of the full network's: ${ratios} rows per batch).`,
    ...(isRowByRow
      ? [
          'It rounds by the values of the complete batch, so rows run one by one: an answer must not depend on its batch.',
        ]
      : []),
  ].join(' ');
}

export const quantisedHtml = (judged: QuantisedJudgement): string =>
  section(
    'With 8-bit weights',
    paragraph(quantisedText(judged)),
    htmlTable(
      'The complete bundle on the same rows, and the file and time of its network',
      ['', 'full', '8-bit', 'change'],
      [
        ['log loss', ...changeCells(judged.logLoss)],
        ['Brier', ...changeCells(judged.brier)],
        ['file, kB', kilobytes(judged.bytes.full), kilobytes(judged.bytes.int8), ''],
        ...judged.times.map(({ rows, full, int8 }) => [
          `batch of ${rows}, µs`,
          full.toFixed(0),
          int8.toFixed(0),
          `×${(int8 / full).toFixed(2)}`,
        ]),
      ],
    ),
    paragraph(
      `The probabilities differ by at most ${judged.largestDifference.toExponential(1)}. The variant is offered when log loss and Brier are at most ${percent(tolerance)} worse at the upper end of their ranges, and every batch is at least 5 % faster. Times are medians of the network alone, on one thread of the machine that made this page.`,
    ),
  );

/** Enough digits to show a change of 0.01 %. */
const changeDigits = 6;

const changeCells = ({ full, int8, increase, between }: Change): string[] => [
  full.toFixed(changeDigits),
  int8.toFixed(changeDigits),
  `${signed(increase)}${between === null ? '' : ` (${signed(between[0])} to ${signed(between[1])})`}`,
];

const signed = (share: number): string => `${share < 0 ? '−' : '+'}${percent(Math.abs(share), 2)}`;
const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);
