/** Fits an LSTM by mini-batches. It runs in the worker, because ONNX Runtime blocks its thread. */
import { at, type Matrix } from '../../numbers/matrix.ts';
import { SeededRandom } from '../../../base/random.ts';
import type { TrainingStage } from '../stages.ts';
import { floatsOf, openSession, tensor } from '../../onnx/session.ts';
import { lstmToOnnx } from './lstm-onnx.ts';
import { createAdam } from './adam.ts';
import { type EngineName, type SequenceBatch } from './engine.ts';
import { openEngine } from './open-engine.ts';
import { initialWeights, scalingOf, type LstmWeights } from './weights.ts';

export interface LstmParameters {
  readonly hidden: number;
  readonly batch: number;
  /** Number of epochs over which the learning rate falls; the job may end earlier. */
  readonly schedule: number;
  /** Highest learning rate. It falls to a twentieth along half a cosine. */
  readonly rate: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  /**
   * An epoch takes every positive row, and at most this number of negative rows for each. It draws new ones each
   * time.
   */
  readonly negativesPerPositive: number;
  /** Maximum number of rows in an epoch. */
  readonly rowsPerEpoch: number;
  /**
   * Share of the rows in which one channel is blanked for some steps, so that the model learns to handle missing
   * values.
   */
  readonly blankShare: number;
}

export interface LstmJob {
  /** Each row is [steps × channels], oldest step first; NaN means missing. */
  readonly sequences: Matrix;
  readonly steps: number;
  readonly channels: number;
  /** 0 or 1 for each row of `sequences`. */
  readonly labels: Float32Array;
  /** The rows to learn from. */
  readonly train: Uint32Array;
  /** The rows to predict. */
  readonly predict: Uint32Array;
  /** Number of epochs to train; at most `schedule`. */
  readonly epochs: number;
  /** Number of epochs from one stage to the next. */
  readonly stageEvery: number;
  readonly parameters: LstmParameters;
  readonly seed: number;
  /** What computes the gradients; default `onnx`. */
  readonly engine?: EngineName;
}

export interface LstmResult {
  readonly weights: LstmWeights;
  /** The stages in order, with the exported ONNX model's probabilities of `predict`; the last is after all epochs. */
  readonly stages: readonly TrainingStage[];
  /** Mean training loss of each epoch. */
  readonly losses: readonly number[];
}

/** The same job and seed give the same result. */
export async function fitLstm(job: LstmJob): Promise<LstmResult> {
  const { parameters: p, channels } = job;
  const random = new SeededRandom(job.seed, 'lstm');
  const scaling = scalingOf(job.sequences, channels, job.train);
  const weights = initialWeights(channels, p.hidden, scaling, random);
  const update = createAdam(weights, p);
  const engine = await openEngine(job.engine ?? 'onnx', weights, job.steps);
  const losses: number[] = [];
  const stages: TrainingStage[] = [];
  for (let epoch = 0; epoch < job.epochs; epoch += 1) {
    const rate = p.rate * (0.05 + 0.475 * (1 + Math.cos((Math.PI * epoch) / p.schedule)));
    const rows = drawEpoch(job, random);
    let sum = 0;
    for (let start = 0; start < rows.length; start += p.batch) {
      const batch = blank(gather(job, rows.subarray(start, start + p.batch)), job, random);
      const { loss, slopes } = await engine.gradients(weights, batch);
      update(slopes, rate);
      sum += loss * batch.rows;
    }
    losses.push(sum / rows.length);
    const size = epoch + 1;
    if (size % job.stageEvery === 0 || size === job.epochs) {
      stages.push({ size, probabilities: await predict(weights, job, job.predict) });
    }
  }
  await engine.close();
  return { weights, stages, losses };
}

/** The rows of an epoch: all positive rows and newly drawn negative ones, shuffled. */
function drawEpoch({ train, labels, parameters: p }: LstmJob, random: SeededRandom): Uint32Array {
  const positive = random.shuffle(train.filter((row) => at(labels, row) === 1));
  const negative = random.shuffle(train.filter((row) => at(labels, row) !== 1));
  const most = Math.floor(p.rowsPerEpoch / 2);
  const positives = positive.subarray(0, Math.min(positive.length, most));
  const wanted = Math.min(
    p.rowsPerEpoch - positives.length,
    Math.max(p.batch, positives.length * p.negativesPerPositive),
  );
  const negatives = negative.subarray(0, wanted);
  const rows = new Uint32Array(positives.length + negatives.length);
  rows.set(positives);
  rows.set(negatives, positives.length);
  return random.shuffle(rows);
}

function gather(job: LstmJob, rows: Uint32Array): SequenceBatch {
  const { columns, data } = job.sequences;
  const sequence = new Float32Array(rows.length * columns);
  const labels = new Float32Array(rows.length);
  rows.forEach((row, i) => {
    sequence.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
    labels[i] = at(job.labels, row);
  });
  return { rows: rows.length, sequence, labels };
}

function blank(
  batch: SequenceBatch,
  { steps, channels, parameters }: LstmJob,
  random: SeededRandom,
): SequenceBatch {
  for (let row = 0; row < batch.rows; row += 1) {
    if (random.uniform() >= parameters.blankShare) continue;
    const [channel, from] = [random.below(channels), random.below(steps)];
    const until = from + 1 + random.below(steps - from);
    for (let step = from; step < until; step += 1)
      batch.sequence[(row * steps + step) * channels + channel] = Number.NaN;
  }
  return batch;
}

const predictBatch = 256;

async function predict(weights: LstmWeights, job: LstmJob, rows: Uint32Array): Promise<Float32Array> {
  const session = await openSession(lstmToOnnx(weights, job.steps));
  const probabilities = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += predictBatch) {
    const batch = gather(job, rows.subarray(start, start + predictBatch));
    const outputs = await session.run({
      sequence: tensor(batch.sequence, [batch.rows, job.steps, job.channels]),
    });
    probabilities.set(floatsOf(outputs, 'probability'), start);
  }
  await session.release();
  return probabilities;
}
