import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBundle, type Bundle } from '../../../models/bundle/bundle.ts';
import { evaluationPage } from '../../../models/cards/evaluation-page.ts';
import { collectDataset } from '../../../models/data/collect-dataset.ts';
import type { Dataset } from '../../../models/data/labelled-dataset.ts';
import { evaluate, type Evaluation } from '../../../models/judging/evaluation.ts';
import { isOffered, judgeQuantised } from '../../../models/judging/quantised-judgement.ts';
import { replay } from '../../../models/judging/bundle-answers.ts';
import { seenInTraining } from '../../../models/judging/seen.ts';
import { lstmFromOnnx, lstmToOnnx } from '../../../models/learners/lstm/lstm-onnx.ts';
import { createPredictor } from '../../../models/serving/bundle-predictor.ts';
import { quantisedVariant, writeQuantised } from '../../../models/bundle/quantised-bundle.ts';
import { train } from '../../../models/training/train-bundle.ts';
import { featuresOffline } from '../../../processors/offline.ts';
import type { FeatureRow } from '../../../schemas/generated/types.ts';
import { CastwatchError } from '../../../base/errors.ts';
import { history, smallDataset, smallEffort, smallPlant } from '../small-plant.ts';
import { wellFormed } from '../cards/well-formed.ts';

/** The same plant, this number of days later. */
function* later(cells: number, minutes: number, seed: number, days: number) {
  const shift = days * 86_400_000;
  for (const batch of history(cells, minutes, seed))
    yield batch.map((record) => {
      const timestamp = record.timestamp + shift;
      if (record.topic === 'sensorReadings' && record.value !== null)
        return {
          ...record,
          timestamp,
          value: { ...record.value, eventTime: record.value.eventTime + shift },
        };
      if (record.topic !== 'qualityLabels') return record;
      const { eventTime, until, foundAt } = record.value;
      const moved = { eventTime: eventTime + shift, until: until + shift, foundAt: foundAt + shift };
      return { ...record, timestamp, value: { ...record.value, ...moved } };
    });
}

describe('an evaluation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-evaluate-'));
  const made = { command: 'npm run evaluate', commit: 'abc' };
  let learnt: Dataset;
  let unseen: Dataset;
  let bundle: Bundle;
  let evaluation: Evaluation;
  const judged = (dataset: Dataset, allowSeen = false): Promise<Evaluation> =>
    evaluate({ definition: smallPlant, bundle, dataset, seed: 1, allowSeen, made });

  before(async function () {
    this.timeout(120_000);
    learnt = await smallDataset();
    unseen = await collectDataset({ definition: smallPlant, records: [...later(8, 20, 7, 3)] });
    const trained = await train({
      definition: smallPlant,
      dataset: learnt,
      out: folder,
      seed: 4,
      effort: smallEffort,
    });
    bundle = loadBundle(trained.folder);
    evaluation = await judged(unseen);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('finds the bundle good on data that it has not seen, compared with baselines', () => {
    const { seen, judgement } = evaluation;
    assert.equal(seen, null);
    assert.equal(judgement.rows, unseen.labels.length);
    const [ensemble, ...others] = judgement.scores;
    assert.ok((ensemble?.rocAuc ?? 0) > 0.8);
    // Findings of other runs do not help here. A logistic regression does about as well as the trees.
    assert.deepEqual(
      others.map(({ name }) => name),
      ['xgboost', 'lstm', 'logistic regression', 'one feature against a limit', 'last finding'],
    );
    assert.ok((ensemble?.rocAuc ?? 0) > (others.at(-1)?.rocAuc ?? 1) + 0.2);
    assert.ok(evaluation.interval.measured > 0.5);
  });

  it('compares the lead time with that of the same warnings by chance', () => {
    const { lead } = evaluation.judgement;
    assert.ok(lead?.byChance !== undefined && lead.byChance.warned.mean < lead.warned, JSON.stringify(lead));
    assert.match(
      evaluationPage(evaluation),
      /By chance, with the same warnings of each asset moved round in time/,
    );
  });

  it('runs the bundle as serving does', async () => {
    const rows: FeatureRow[] = [];
    const records = [...later(1, 8, 21, 3)];
    await featuresOffline({ definition: smallPlant, records, sinks: { features: (row) => rows.push(row) } });
    const dataset = await collectDataset({ definition: smallPlant, records });
    const said = await replay(bundle, dataset);
    const predictor = await createPredictor(bundle);
    const answers = new Map((await predictor.predict(rows)).map((answer, i) => [rows[i]?.eventTime, answer]));
    await predictor.close();
    assert.ok(dataset.labels.length > 50);
    dataset.places.time.forEach((time, row) => {
      const answer = answers.get(time);
      assert.equal(said.ensemble[row], answer?.probability);
      assert.equal(said.members[1]?.[row] ?? null, answer?.models[1]?.probability);
    });
  });

  it('is refused on data that the bundle was trained on, completely or in part', async () => {
    const refused = (says: RegExp) => (error: unknown) =>
      error instanceof CastwatchError && error.code === 'INPUT' && says.test(error.message);
    await assert.rejects(judged(learnt), refused(/is the one that small-\w+ was trained on/));
    const part = await collectDataset({ definition: smallPlant, records: history(2, 10, 55) });
    await assert.rejects(judged(part), refused(/of E\/S\/A\/L\/c0 and 1 more, are in the time span that/));
  });

  it('accepts such data with allowSeen, and says so on the page', async () => {
    const seen = await judged(learnt, true);
    assert.match(seen.seen ?? '', /trained on/);
    assert.match(evaluationPage(seen), /role="note">The bundle was trained on this data/);
    assert.doesNotMatch(evaluationPage(evaluation), /role="note"/);
  });

  it('compares assets only when the bundle records them, and time in any case', () => {
    const { manifest } = bundle;
    const other = {
      ...unseen,
      assets: unseen.assets.map((asset) => `${asset}x`),
      places: { ...unseen.places, time: unseen.places.time.map((time) => time - 3 * 86_400_000) },
    };
    assert.equal(seenInTraining(manifest, other), undefined);
    const training = { ...manifest.training, assetNames: undefined };
    assert.match(seenInTraining({ ...manifest, training }, other) ?? '', /does not record its assets/);
    assert.equal(seenInTraining({ ...manifest, training }, unseen), undefined);
  });

  it('gives the base rate where a member does not answer, and counts it', async () => {
    const sequences = unseen.sequences;
    assert.ok(sequences);
    const data = Float32Array.from(sequences.data);
    data.fill(Number.NaN, 0, 10 * sequences.columns);
    const { silent, judgement } = await judged({ ...unseen, sequences: { ...sequences, data } });
    assert.deepEqual(silent, { lstm: 10 });
    assert.equal(judgement.rows, unseen.labels.length);
  });

  it('judges the 8-bit variant as serving would run it, and says so on the page', () => {
    const { quantised: judged, judgement } = evaluation;
    assert.ok(judged);
    const [ensemble] = judgement.scores;
    assert.ok(Math.abs(judged.brier.full - (ensemble?.brier ?? Number.NaN)) < 1e-12);
    assert.ok(judged.largestDifference > 0 && judged.largestDifference < 0.1);
    assert.ok(judged.isRowByRow, 'its answers depend on the batch');
    assert.deepEqual(
      judged.times.map(({ rows }) => rows),
      [1, 16, 256],
    );
    assert.ok(judged.bytes.int8 < judged.bytes.full);
    const html = evaluationPage(evaluation);
    assert.match(html, /With 8-bit weights/);
    assert.match(html, /The 8-bit variant of the recurrent network is (not )?offered/);
  });

  it('calls a variant calibrated only if its probabilities are equally good', async () => {
    const said = await replay(bundle, unseen);
    const rows = Uint32Array.from(unseen.labels.keys());
    const same = await judgeQuantised(bundle, bundle, unseen, said, rows, 1);
    assert.equal(same.largestDifference, 0);
    assert.deepEqual([same.logLoss.increase, same.logLoss.between, same.isCalibrated], [0, [0, 0], true]);
    assert.equal(same.isRowByRow, false);
    const weights = lstmFromOnnx(bundle.models['lstm.onnx'] ?? Buffer.alloc(0));
    const contrary = { ...weights, head: weights.head.map((value) => -value) };
    const steps = bundle.manifest.sequence?.steps ?? 0;
    const models = { ...bundle.models, 'lstm.onnx': lstmToOnnx(contrary, steps) };
    const spoilt = await judgeQuantised(bundle, { ...bundle, models }, unseen, said, rows, 1);
    assert.ok(spoilt.logLoss.increase > 0.01, String(spoilt.logLoss.increase));
    assert.equal(spoilt.isCalibrated, false);
    assert.equal(isOffered({ ...spoilt, isFaster: true }), false);
    assert.equal(isOffered({ ...same, isFaster: false }), false);
    assert.equal(isOffered({ ...same, isFaster: true }), true);
  });

  it('writes a variant as a separate bundle, which can serve', async () => {
    const variant = quantisedVariant(bundle);
    assert.ok(variant);
    const written = loadBundle(writeQuantised(join(folder, 'variants'), variant, evaluation.quantised));
    assert.notEqual(written.manifest.bundle, bundle.manifest.bundle);
    assert.deepEqual(written.manifest.features, bundle.manifest.features);
    const [full, its] = [await replay(bundle, unseen), await replay(written, unseen)];
    const most = its.ensemble.reduce(
      (far, value, row) => Math.max(far, Math.abs(value - (full.ensemble[row] ?? 0))),
      0,
    );
    assert.equal(most, evaluation.quantised?.largestDifference);
    const beside: unknown = JSON.parse(readFileSync(join(written.folder, 'quantised.json'), 'utf8'));
    assert.deepEqual(beside, { of: bundle.manifest.bundle, measured: evaluation.quantised });
  });

  it('makes a page that is well formed and fetches nothing', () => {
    const html = evaluationPage(evaluation);
    wellFormed(html);
    assert.match(html, /Evaluation of small-[0-9a-f]{12}/);
    assert.match(html, /Made by npm run evaluate at commit abc/);
  });

  it('has a model card as a page in the bundle too', () => {
    const html = readFileSync(join(bundle.folder, 'card.html'), 'utf8');
    wellFormed(html);
    assert.match(html, /<h2>What it looks at most<\/h2>/);
  });
});
