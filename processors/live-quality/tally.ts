/** Counts how predictions turned out, and computes the figures from the counts. */
import type { JudgedPrediction, LiveQuality, Verdict } from '../../schemas/generated/types.ts';

export const calibrationBins = 10;

export interface Tally {
  readonly verdicts: Record<JudgedVerdict, number>;
  readonly notJudged: Map<string, number>;
  squaredError: number;
  /** Event time of the newest judged prediction, ms. */
  newest: number;
  /** For each tenth of the probability: cases, positives, sum of the probabilities. */
  readonly bins: Float64Array;
}

type JudgedVerdict = Exclude<Verdict, 'NOT_JUDGED' | 'OTHER'>;

/** In the order of the counts in states. */
export const judgedVerdicts: readonly JudgedVerdict[] = [
  'TRUE_POSITIVE',
  'FALSE_POSITIVE',
  'TRUE_NEGATIVE',
  'FALSE_NEGATIVE',
];

export const emptyTally = (): Tally => ({
  verdicts: { TRUE_POSITIVE: 0, FALSE_POSITIVE: 0, TRUE_NEGATIVE: 0, FALSE_NEGATIVE: 0 },
  notJudged: new Map(),
  squaredError: 0,
  newest: -Infinity,
  bins: new Float64Array(3 * calibrationBins),
});

export function verdictOf(warned: boolean, found: boolean): JudgedVerdict {
  if (warned) return found ? 'TRUE_POSITIVE' : 'FALSE_POSITIVE';
  return found ? 'FALSE_NEGATIVE' : 'TRUE_NEGATIVE';
}

export function count(tally: Tally, judged: JudgedPrediction): void {
  const { verdict, reason, probability, label } = judged;
  if (verdict === 'NOT_JUDGED' || verdict === 'OTHER' || probability === null) {
    const name = reason ?? 'OTHER';
    tally.notJudged.set(name, (tally.notJudged.get(name) ?? 0) + 1);
    return;
  }
  const found = (label ?? 0) > 0 ? 1 : 0;
  tally.verdicts[verdict]++;
  tally.squaredError += (probability - found) ** 2;
  tally.newest = Math.max(tally.newest, judged.predictedAt ?? -Infinity);
  const bin = 3 * Math.min(calibrationBins - 1, Math.floor(probability * calibrationBins));
  const { bins } = tally;
  bins[bin] = (bins[bin] ?? 0) + 1;
  bins[bin + 1] = (bins[bin + 1] ?? 0) + found;
  bins[bin + 2] = (bins[bin + 2] ?? 0) + probability;
}

export function add(to: Tally, more: Tally): void {
  for (const verdict of judgedVerdicts) to.verdicts[verdict] += more.verdicts[verdict];
  for (const [reason, cases] of more.notJudged)
    to.notJudged.set(reason, (to.notJudged.get(reason) ?? 0) + cases);
  to.squaredError += more.squaredError;
  to.newest = Math.max(to.newest, more.newest);
  for (let index = 0; index < to.bins.length; index++)
    to.bins[index] = (to.bins[index] ?? 0) + (more.bins[index] ?? 0);
}

type Figures = Omit<LiveQuality, 'asset' | 'eventTime' | 'from' | 'bundle' | 'current'>;

/** Computes the figures. @param minimum cases that a share needs; with fewer it is null */
export function figures({ verdicts, notJudged, squaredError, bins }: Tally, minimum: number): Figures {
  const hits = verdicts.TRUE_POSITIVE;
  const warnings = hits + verdicts.FALSE_POSITIVE;
  const defects = hits + verdicts.FALSE_NEGATIVE;
  const cases = warnings + verdicts.FALSE_NEGATIVE + verdicts.TRUE_NEGATIVE;
  const calibration = calibrationOf(bins);
  const apart = calibration.reduce((sum, bin) => sum + Math.abs(bin.sumProbability - bin.positives), 0);
  const share = (part: number, of: number): number | null => (of < minimum ? null : part / of);
  const thin = [
    ...(warnings < minimum ? [`${warnings} warnings for precision`] : []),
    ...(defects < minimum ? [`${defects} defects for recall`] : []),
    ...(cases < minimum ? [`${cases} judgements for Brier score and calibration`] : []),
  ];
  return {
    truePositives: hits,
    falsePositives: verdicts.FALSE_POSITIVE,
    trueNegatives: verdicts.TRUE_NEGATIVE,
    falseNegatives: verdicts.FALSE_NEGATIVE,
    notJudged: Object.fromEntries([...notJudged].sort(([a], [b]) => (a < b ? -1 : 1))),
    precision: share(hits, warnings),
    recall: share(hits, defects),
    brier: share(squaredError, cases),
    calibrationError: share(apart, cases),
    reason: thin.length === 0 ? null : `too few cases: ${thin.join(', ')}; each figure needs ${minimum}`,
    calibration,
    sumSquaredError: squaredError,
  };
}

function calibrationOf(bins: Float64Array): LiveQuality['calibration'] {
  return Array.from({ length: calibrationBins }, (_, index) => ({
    above: index / calibrationBins,
    cases: bins[3 * index] ?? 0,
    positives: bins[3 * index + 1] ?? 0,
    sumProbability: bins[3 * index + 2] ?? 0,
  })).filter(({ cases }) => cases > 0);
}
