/**
 * Judges whether the 8-bit variant of a bundle is useful: how much it changes the probabilities of rows that neither
 * has seen, and how long it takes. Both run as in serving: row by row where a row's answer would otherwise depend on
 * the other rows of its batch.
 */
import type { Bundle } from '../bundle/bundle.ts';
import type { Dataset } from '../data/labelled-dataset.ts';
import { openAll, rowsPerRun, sequenceWidth } from '../serving/inference.ts';
import { at, take } from '../numbers/matrix.ts';
import { brier, logLoss } from '../numbers/score-metrics.ts';
import { tensor, type Session } from '../onnx/session.ts';
import { SeededRandom } from '../../base/random.ts';
import { quantisable } from '../bundle/quantised-bundle.ts';
import { drawBlocks, middle, type Between, type Blocks } from './bootstrap.ts';
import { replay, type Said } from './bundle-answers.ts';

/** A figure of the bundle and of its variant. `increase` is the change as a share of the bundle's figure. */
export interface Change {
  readonly full: number;
  readonly int8: number;
  readonly increase: number;
  readonly between: Between;
}

/** The time of the recurrent network alone for a batch of `rows` rows, µs: the median of the repeats. */
export interface BatchTime {
  readonly rows: number;
  readonly full: number;
  readonly int8: number;
}

export interface QuantisedJudgement {
  /** The size of the network's file. */
  readonly bytes: { readonly full: number; readonly int8: number };
  /** The largest difference between the two bundles' probabilities of one row. */
  readonly largestDifference: number;
  readonly logLoss: Change;
  readonly brier: Change;
  /** Whether the variant runs rows one by one, because a row's answer would depend on its batch. */
  readonly isRowByRow: boolean;
  readonly times: readonly BatchTime[];
  /** Whether both figures are at most {@link tolerance} worse than the bundle's, at the upper end of their ranges. */
  readonly isCalibrated: boolean;
  /** Whether it is faster at every size of batch. */
  readonly isFaster: boolean;
}

/** A figure that is worse by at most this share still counts as equal. */
export const tolerance = 0.01;
/** The variant is called faster when it takes at most this share of the time; smaller gains are noise. */
const noticeable = 0.95;

export const isOffered = ({ isCalibrated, isFaster }: QuantisedJudgement): boolean =>
  isCalibrated && isFaster;

/**
 * @param said the answers of the bundle itself
 * @param rows the rows that it answered
 */
export async function judgeQuantised(
  bundle: Bundle,
  variant: Bundle,
  dataset: Dataset,
  said: Said,
  rows: Uint32Array,
  seed: number,
  onProgress?: (share: number) => void,
): Promise<QuantisedJudgement> {
  const file = quantisable(bundle)?.file ?? '';
  const its = await replay(variant, dataset, onProgress);
  const labels = take(dataset.labels, rows);
  const [full, int8] = [take(said.ensemble, rows), take(its.ensemble, rows)];
  const blocks = drawBlocks(take(dataset.places.group, rows), seed);
  const changes = {
    logLoss: changeOf(logLoss, full, int8, labels, blocks),
    brier: changeOf(brier, full, int8, labels, blocks),
  };
  const { times, isRowByRow } = await timed(bundle, variant, seed);
  return {
    bytes: { full: bundle.models[file]?.length ?? 0, int8: variant.models[file]?.length ?? 0 },
    largestDifference: full.reduce((most, value, i) => Math.max(most, Math.abs(value - at(int8, i))), 0),
    ...changes,
    isRowByRow,
    times,
    isCalibrated: Object.values(changes).every(({ between }) => between !== null && between[1] <= tolerance),
    isFaster: times.every((time) => time.int8 <= noticeable * time.full),
  };
}

type Metric = (probabilities: ArrayLike<number>, labels: ArrayLike<number>) => number;

/** The change of a metric that is a mean over rows. */
function changeOf(
  metric: Metric,
  full: Float64Array,
  int8: Float64Array,
  labels: Float64Array,
  { groups, of, draws }: Blocks,
): Change {
  const sums = [full, int8].map((probabilities) => {
    const sum = new Float64Array(groups);
    labels.forEach((label, row) => {
      const group = at(of, row);
      sum[group] = at(sum, group) + metric([at(probabilities, row)], [label]);
    });
    return sum;
  });
  const increases = draws.map((counts) => {
    const [before = 0, after = 0] = sums.map((sum) =>
      sum.reduce((total, value, group) => total + value * at(counts, group), 0),
    );
    return after / before - 1;
  });
  const [before, after] = [metric(full, labels), metric(int8, labels)];
  return { full: before, int8: after, increase: after / before - 1, between: middle(increases) };
}

const batchSizes = [1, 16, 256] as const;
const repeats = 9;
/** The approximate number of rows in a repeat. */
const rowsPerRepeat = 512;

async function timed(
  bundle: Bundle,
  variant: Bundle,
  seed: number,
): Promise<{ times: BatchTime[]; isRowByRow: boolean }> {
  const contenders: Contender[] = [];
  try {
    for (const each of [bundle, variant]) contenders.push(await openContender(each));
    const times: BatchTime[] = [];
    for (const rows of batchSizes) times.push(await timeBatches(bundle, contenders, rows, seed));
    return { times, isRowByRow: contenders[1]?.most === 1 };
  } finally {
    for (const { sessions } of contenders) for (const session of sessions) await session.release();
  }
}

interface Contender {
  readonly sessions: readonly Session[];
  readonly network: Session | undefined;
  /** Maximum number of rows in one run in serving. */
  readonly most: number;
}

async function openContender(bundle: Bundle): Promise<Contender> {
  const sessions = await openAll(bundle);
  const network = sessions[bundle.manifest.members.findIndex((member) => member === quantisable(bundle))];
  return { sessions, network, most: await rowsPerRun(bundle, sessions) };
}

/** Times the two in turn, so that other load on the machine affects both. */
async function timeBatches(
  bundle: Bundle,
  contenders: readonly Contender[],
  rows: number,
  seed: number,
): Promise<BatchTime> {
  const width = sequenceWidth(bundle);
  const random = new SeededRandom(seed, 'times');
  const sequences = Float32Array.from({ length: rows * width }, () => random.normal());
  const took = contenders.map((): number[] => []);
  for (let repeat = 0; repeat <= repeats; repeat += 1)
    for (const [index, contender] of contenders.entries()) {
      const batches = Math.ceil(rowsPerRepeat / rows);
      const began = performance.now();
      for (let i = 0; i < batches; i += 1) await runBatch(bundle, contender, sequences, rows);
      // The first repeat warms up.
      if (repeat > 0) took[index]?.push(((performance.now() - began) * 1000) / batches);
    }
  const [full = Number.NaN, int8 = Number.NaN] = took.map(
    (values) => values.sort((a, b) => a - b)[Math.floor(repeats / 2)],
  );
  return { rows, full, int8 };
}

async function runBatch(
  { manifest: { sequence } }: Bundle,
  { network, most }: Contender,
  sequences: Float32Array,
  rows: number,
): Promise<void> {
  const [steps, channels] = [sequence?.steps ?? 0, sequence?.channels ?? 0];
  for (let from = 0; from < rows; from += most) {
    const until = Math.min(rows, from + most);
    const some = sequences.subarray(from * steps * channels, until * steps * channels);
    await network?.run({ sequence: tensor(some, [until - from, steps, channels]) });
  }
}
