/** Writes a judgement as HTML: the figures of every contender, the curves, and the parts. */
import { percent } from '../../base/text.ts';
import type { Judgement } from '../judging/judgement.ts';
import { number, range } from './number-text.ts';
import { columns, leadText, partCells, partsHead, verdicts } from './judgement-words.ts';
import type { ReliabilityBin } from '../judging/figures.ts';
import type { PartJudgement } from '../judging/parts-of-rows.ts';
import { details, grid, paragraph, htmlTable, tiles, type Tile } from './page.ts';
import { dotPlot, linePlot, unit, type Axis, type Series } from './plots.ts';

export function judgementHtml(judgement: Judgement, threshold: number): string[] {
  const { rows, positives, groups, scores, bestAttainable, slices } = judgement;
  const all = [...scores, ...(bestAttainable === null ? [] : [bestAttainable])];
  return [
    paragraph(
      `${rows} rows, ${percent(positives / rows)} of them with the target, in ${groups} groups. The ranges are the middle 90 % when whole groups are drawn again.`,
    ),
    tiles(headline(judgement)),
    ...verdicts(judgement).map(paragraph),
    htmlTable(
      `All contenders on the same rows, warning from ${number(threshold)} on`,
      ['', ...columns.map(([head]) => head)],
      all.map((score) => [score.name, ...columns.map(([, cell]) => cell(score))]),
    ),
    grid([rocPlot(judgement), prPlot(judgement), calibrationPlot(judgement), costPlot(judgement, threshold)]),
    ...(judgement.lead === null ? [] : [paragraph(leadText(judgement.lead))]),
    grid(slicePlots(slices)),
    ...(slices.length === 0
      ? []
      : [details('The parts in numbers', htmlTable('Parts', partsHead, slices.map(partCells)))]),
    calibrationTable(judgement.calibration),
  ];
}

export const calibrationTable = (bins: readonly ReliabilityBin[]): string =>
  details(
    'The calibration in numbers',
    htmlTable(
      'Ten bins of equally many rows',
      ['bin', 'predicted', 'observed', 'rows'],
      bins.map((bin, i) => [String(i + 1), number(bin.predicted), number(bin.observed), String(bin.rows)]),
    ),
  );

function headline({ scores, bestAttainable, calibrationError, lead }: Judgement): Tile[] {
  const [ensemble] = scores;
  if (ensemble === undefined) return [];
  const best = (value: number | undefined): string =>
    value === undefined ? '' : `; best attainable ${number(value)}`;
  const { between, warning } = ensemble;
  return [
    {
      label: 'ROC-AUC',
      value: number(ensemble.rocAuc),
      note: `${range(between.rocAuc).trim()}${best(bestAttainable?.rocAuc)}`,
    },
    {
      label: 'PR-AUC',
      value: number(ensemble.prAuc),
      note: `${range(between.prAuc).trim()}${best(bestAttainable?.prAuc)}`,
    },
    { label: 'F1', value: number(warning.f1), note: range(between.f1).trim() },
    {
      label: 'Caught',
      value: percent(warning.recall),
      note: `with ${percent(warning.falseAlarmRate)} false alarms`,
    },
    {
      label: 'Calibration error',
      value: number(calibrationError),
      note: `Brier ${number(ensemble.brier)}`,
    },
    ...(lead === null
      ? []
      : [
          {
            label: 'Episodes warned of',
            value: `${lead.warned} of ${lead.episodes}`,
            note: `${lead.before} before they began${lead.byChance === undefined ? '' : `; by chance ${lead.byChance.before.mean.toFixed(1)}`}`,
          },
        ]),
  ];
}

/** Colours in the order of ensemble, members, baselines; the best attainable has the colour of text. */
const hueOf = (name: string, index: number): number => (name === 'best attainable' ? 6 : Math.min(index, 5));

const curves = (judgement: Judgement, kind: 'roc' | 'pr'): Series[] =>
  judgement.curves.map(({ name, ...curve }, index) => ({
    name,
    points: curve[kind],
    hue: hueOf(name, index),
  }));

const spoken = (judgement: Judgement, measure: 'rocAuc' | 'prAuc'): string =>
  [...judgement.scores, ...(judgement.bestAttainable === null ? [] : [judgement.bestAttainable])]
    .map((score) => `${score.name} ${number(score[measure])}`)
    .join(', ');

const rocPlot = (judgement: Judgement): string =>
  linePlot({
    title: 'Recall against false alarms (ROC)',
    says: `Area under each curve: ${spoken(judgement, 'rocAuc')}.`,
    x: { ...unit, label: 'false alarm rate' },
    y: { ...unit, label: 'recall' },
    series: curves(judgement, 'roc'),
    diagonal: true,
  });

const prPlot = (judgement: Judgement): string =>
  linePlot({
    title: 'Precision against recall',
    says: `Average precision: ${spoken(judgement, 'prAuc')}. A guess has ${number(judgement.positives / judgement.rows)}.`,
    x: { ...unit, label: 'recall' },
    y: { ...unit, label: 'precision' },
    series: curves(judgement, 'pr'),
  });

const calibrationPlot = ({ calibration, calibrationError }: Judgement): string =>
  linePlot({
    title: 'Calibration',
    says: `What was predicted and what happened, in ten bins of equally many rows; on average they are ${number(calibrationError)} apart.`,
    x: { ...unit, label: 'predicted' },
    y: { ...unit, label: 'observed' },
    series: [
      {
        name: 'ensemble',
        points: calibration.map((bin) => [bin.predicted, bin.observed]),
        hue: 0,
        dots: true,
      },
    ],
    diagonal: true,
  });

function costPlot({ costs }: Judgement, threshold: number): string {
  const logit = (p: number): number => Math.log(p / (1 - p));
  const lowest = costs.reduce((best, each) => (each.cost < best.cost ? each : best), {
    threshold: 0,
    cost: Number.POSITIVE_INFINITY,
  });
  // The cost of warning always or never limits the plot.
  const frame = Math.min(costs.at(0)?.cost ?? 1, costs.at(-1)?.cost ?? 1);
  const top = niceAbove(Math.max(frame, lowest.cost) * 1.25);
  const probabilities = [0.01, 0.1, 0.5, 0.9, 0.99];
  const x: Axis = {
    label: 'warning from this probability on',
    from: logit(0.003),
    to: logit(0.997),
    ticks: probabilities.map(logit),
    text: (value) => String(Number((1 / (1 + Math.exp(-value))).toFixed(2))),
  };
  return linePlot({
    title: 'Cost by threshold',
    says: `Mean cost of a row, in units of a false alarm: lowest, ${number(lowest.cost)}, at ${number(lowest.threshold)}; the bundle warns from ${number(threshold)} on.`,
    x,
    y: {
      label: 'cost per row',
      from: 0,
      to: top,
      ticks: [0, top / 4, top / 2, (3 * top) / 4, top],
      text: plain,
    },
    series: [
      {
        name: 'ensemble',
        hue: 0,
        points: costs.flatMap((each) =>
          logit(each.threshold) < x.from || logit(each.threshold) > x.to || each.cost > top
            ? []
            : [[logit(each.threshold), each.cost] as const],
        ),
      },
    ],
    mark: { at: logit(threshold), text: `warns from ${number(threshold)}` },
  });
}

/** The next value that is 1, 2, 4 or 8 times a power of ten. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return ([1, 2, 4, 8].find((step) => step * power >= value) ?? 10) * power;
}

const plain = (value: number): string => String(Number(value.toPrecision(2)));

function slicePlots(slices: readonly PartJudgement[]): string[] {
  const kinds = [...new Set(slices.map(({ by }) => by))];
  return kinds.flatMap((by) => {
    const some = slices.filter((slice) => slice.by === by && slice.rocAuc !== null);
    if (some.length < 2) return [];
    const lowest = Math.min(...some.map((slice) => slice.rocAucBetween?.[0] ?? slice.rocAuc ?? 1));
    return dotPlot({
      title: `ROC-AUC by ${by}`,
      says: `Dots with the middle 90 % when whole groups are drawn again; between ${number(Math.min(...some.map(({ rocAuc }) => rocAuc ?? 1)))} and ${number(Math.max(...some.map(({ rocAuc }) => rocAuc ?? 0)))}. The line is guessing.`,
      from: Math.max(0, Math.min(0.5, Math.floor(lowest * 10) / 10)),
      to: 1,
      mark: 0.5,
      bars: some.map((slice) => ({
        name: slice.name,
        value: slice.rocAuc ?? 0,
        between: slice.rocAucBetween,
        text: number(slice.rocAuc),
      })),
    });
  });
}
