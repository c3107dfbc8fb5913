import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { loadBundle } from '../../../models/bundle/bundle.ts';
import { checkBundleFits } from '../../../models/bundle/row-shape.ts';
import { writeChampion } from '../../../models/bundle/champion-file.ts';
import { loadChampion } from '../../../models/bundle/champion-file.ts';
import type { Dataset } from '../../../models/data/labelled-dataset.ts';
import { bundleId, manifestSchema, sha256 } from '../../../models/bundle/manifest.ts';
import { createPredictor, type OpenPredictor } from '../../../models/serving/bundle-predictor.ts';
import { train } from '../../../models/training/train-bundle.ts';
import type { Trained } from '../../../models/training/train-options.ts';
import { featuresOffline } from '../../../processors/offline.ts';
import type { FeatureRow } from '../../../schemas/generated/types.ts';
import { CastwatchError } from '../../../base/errors.ts';
import { history, smallDataset, smallEffort, smallPlant } from '../small-plant.ts';

const refused = (says: string) => (error: unknown) =>
  error instanceof CastwatchError && error.code === 'MODEL' && error.message.includes(says);

describe('training a bundle from scratch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-train-'));
  let dataset: Dataset;
  let trained: Trained;

  before(async function () {
    this.timeout(120_000);
    dataset = await smallDataset();
    trained = await train({ definition: smallPlant, dataset, out: folder, seed: 4, effort: smallEffort });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('learns the mechanism, and compares itself with the baselines', () => {
    const { crossValidated, heldOut, plan } = trained.card;
    assert.match(plan, /leave whole assets out/);
    assert.equal(heldOut, null);
    const [ensemble] = crossValidated.scores;
    assert.ok((ensemble?.rocAuc ?? 0) > 0.8, JSON.stringify(ensemble));
    assert.deepEqual(
      crossValidated.scores.map(({ name }) => name),
      ['ensemble', 'xgboost', 'lstm', 'logistic regression', 'one feature against a limit', 'last finding'],
    );
    assert.match(trained.card.features[0]?.title ?? '', /^level /);
    assert.match(readFileSync(join(trained.folder, 'card.md'), 'utf8'), /## Cross-validated/);
  });

  it('keeps the distribution of its rows for drift', () => {
    const { reference, manifest } = loadBundle(trained.folder);
    assert.equal(reference?.rows, manifest.training.rows);
    assert.equal(reference.features.length, manifest.features.length);
    const shares = [...reference.features, reference.score].map((each) =>
      each.shares.reduce((sum, share) => sum + share, 0),
    );
    assert.ok(shares.every((sum) => Math.abs(sum - 1) < 1e-3));
  });

  it('cannot learn labels that do not follow from the signals', async function () {
    this.timeout(120_000);
    const labels = Float32Array.from(
      dataset.labels,
      (_, row) => dataset.labels[(row * 7919) % dataset.labels.length] ?? 0,
    );
    const effort = { ...smallEffort, rounds: 16, epochs: 1 };
    const { card } = await train({
      definition: smallPlant,
      dataset: { ...dataset, labels },
      out: folder,
      seed: 4,
      effort,
    });
    const auc = card.crossValidated.scores[0]?.rocAuc ?? 1;
    assert.ok(auc > 0.4 && auc < 0.6, `ROC-AUC ${auc} on shuffled labels`);
  });

  it('gives the same bytes with the same seed', async function () {
    this.timeout(120_000);
    const again = join(folder, 'again');
    const other = await train({ definition: smallPlant, dataset, out: again, seed: 4, effort: smallEffort });
    assert.equal(basename(other.folder), basename(trained.folder));
    for (const file of readdirSync(trained.folder)) {
      assert.deepEqual(
        readFileSync(join(other.folder, file)),
        readFileSync(join(trained.folder, file)),
        file,
      );
    }
  });

  it('loads as the champion once champion.json names it', () => {
    writeChampion(folder, basename(trained.folder));
    const bundle = loadChampion('.', folder);
    assert.equal(bundle.manifest.bundle, basename(trained.folder));
    checkBundleFits(bundle, dataset);
  });

  it('says what has changed where it does not fit', () => {
    const bundle = loadBundle(trained.folder);
    const changed = { process: 'small', featureSet: '000000000000' };
    const { featureNames } = dataset;
    const [first = '', ...others] = featureNames;
    for (const [here, says] of [
      [changed, 'feature set 000000000000'],
      [{ ...changed, process: 'other' }, 'here it is other'],
      [{ ...changed, featureNames: others }, `trained with ${first}, which the definition no longer gives`],
      [{ ...changed, featureNames: [...featureNames, 'Heat.short.mean'] }, 'gives Heat.short.mean, which it'],
      [{ ...changed, featureNames: [] }, `and ${featureNames.length - 3} more features`],
      [
        { ...changed, featureNames },
        'a window, the hop, a normal band, a required tag or the sequence has changed',
      ],
    ] as const)
      assert.throws(() => {
        checkBundleFits(bundle, here);
      }, refused(says));
  });

  describe('a bundle that was tampered with', () => {
    const spoilt = (name: string, spoil: (copy: string) => void, says: string): void => {
      it(`is refused: ${name}`, () => {
        const copy = join(folder, 'copy');
        cpSync(trained.folder, copy, { recursive: true });
        try {
          spoil(copy);
          assert.throws(() => loadBundle(copy), refused(says));
        } finally {
          rmSync(copy, { recursive: true });
        }
      });
    };
    spoilt(
      'a model’s byte',
      (copy) => {
        appendFileSync(join(copy, 'lstm.onnx'), 'x');
      },
      'lstm.onnx',
    );
    spoilt(
      'a missing file',
      (copy) => {
        rmSync(join(copy, 'forest.json'));
      },
      'forest.json',
    );
    spoilt(
      'no manifest',
      (copy) => {
        rmSync(join(copy, 'manifest.json'));
      },
      'manifest.json',
    );
    spoilt(
      'a manifest that is no JSON',
      (copy) => {
        writeFileSync(join(copy, 'manifest.json'), '{');
      },
      'not JSON',
    );
    spoilt(
      'another threshold in the manifest',
      (copy) => {
        const path = join(copy, 'manifest.json');
        writeFileSync(path, readFileSync(path, 'utf8').replace('"value": 0.09', '"value": 0.99'));
      },
      'altered',
    );
  });

  it('is refused when a file is not a model, even if all checksums are right', async () => {
    const bundle = loadBundle(trained.folder);
    const broken = { ...bundle, models: { ...bundle.models, 'lstm.onnx': Buffer.from('no model') } };
    await assert.rejects(createPredictor(broken), refused('lstm.onnx'));
  });

  it('is refused when its models take other inputs than the manifest names', async () => {
    const bundle = loadBundle(trained.folder);
    const manifest = { ...bundle.manifest, sequence: { steps: 11, channels: 2, tags: ['Level', 'Flow'] } };
    await assert.rejects(createPredictor({ ...bundle, manifest }), refused('inputs'));
  });

  it('has an id that follows from its contents', () => {
    const manifest = manifestSchema.parse(
      JSON.parse(readFileSync(join(trained.folder, 'manifest.json'), 'utf8')),
    );
    assert.equal(bundleId(manifest), manifest.bundle);
    assert.notEqual(bundleId({ ...manifest, target: 'another' }), manifest.bundle);
    assert.equal(sha256('abc').slice(0, 8), 'ba7816bf');
  });

  describe('the predictor', () => {
    let predictor: OpenPredictor;
    const rows: FeatureRow[] = [];

    before(async function () {
      this.timeout(60_000);
      await featuresOffline({
        definition: smallPlant,
        records: history(2, 12, 99),
        sinks: {
          features: (row) => {
            rows.push(row);
          },
        },
      });
      predictor = await createPredictor(loadBundle(trained.folder), { workers: 2 });
    });
    after(async () => {
      await predictor.close();
    });

    it('answers with a calibrated probability inside its interval, with reasons', async () => {
      const answers = await predictor.predict(rows);
      assert.equal(answers.length, rows.length);
      for (const [index, answer] of answers.entries()) {
        const { probability, lower, upper, confidence } = answer;
        assert.ok(
          probability !== null && lower !== null && upper !== null && confidence !== null,
          answer.reason ?? '',
        );
        assert.ok(0 <= lower && lower <= probability && probability <= upper && upper <= 1);
        assert.ok(Math.abs(confidence - (1 - (upper - lower))) < 1e-12);
        assert.equal(answer.models.length, 2);
        assert.ok(answer.contributions.length > 0);
        const [first] = answer.contributions;
        assert.match(first?.text ?? '', /^(level|flow) .* is /);
        const at = predictorFeatures().indexOf(first?.feature ?? '');
        assert.equal(first?.value, rows[index]?.values[at]);
      }
      assert.ok(answers.some(({ probability }) => (probability ?? 0) > predictor.threshold));
      assert.ok(answers.some(({ probability }) => (probability ?? 1) < predictor.threshold));
    });

    it('gives, for a warning, the contributions of the sequence’s tags to the LSTM', async () => {
      const answers = await predictor.predict(rows);
      const told = answers.flatMap(({ probability, contributions }) => {
        const reasons = contributions.filter(({ feature }) => feature.endsWith('.sequence'));
        if ((probability ?? 0) < predictor.threshold) assert.equal(reasons.length, 0);
        return reasons;
      });
      const { weight = 0 } = loadBundle(trained.folder).manifest.members[1] ?? {};
      assert.equal(told.length > 0, weight > 0, `${told.length} reasons at a weight of ${weight}`);
      for (const { text } of told) assert.match(text, /^(level|flow) was between .* over 12 s, usually /);
    });

    const predictorFeatures = (): readonly string[] =>
      loadBundle(trained.folder).manifest.features.map(({ name }) => name);

    it('gives a row the same answer, bit for bit, in any batch', async function () {
      this.timeout(60_000);
      const together = await predictor.predict(rows);
      const alone = [];
      for (const row of rows.slice(0, 40)) alone.push(...(await predictor.predict([row])));
      assert.deepEqual(alone, together.slice(0, 40));
      const shuffled = await predictor.predict(rows.toReversed());
      assert.deepEqual(shuffled.toReversed(), together);
    });

    it('answers without the LSTM when the sequence is missing, and says so', async () => {
      const row = rows.at(-1);
      assert.ok(row);
      const [answer] = await predictor.predict([{ ...row, sequence: Buffer.alloc(0) }]);
      assert.equal(answer?.status, 'DEGRADED');
      assert.match(answer.reason ?? '', /lstm/);
      assert.deepEqual(answer.models[1], { name: 'lstm', probability: null, weight: 0 });
      assert.equal(answer.models[0]?.weight, 1);
      assert.notEqual(answer.probability, null);
    });

    it('gives a wider interval when inputs are missing, repaired or outside the range in training', async () => {
      const row = rows.at(-1);
      assert.ok(row);
      const strange = { ...row, values: row.values.map(() => 1e6) };
      const answers = await predictor.predict([
        row,
        { ...row, repaired: 0.5 },
        { ...row, completeness: 0.6 },
        strange,
      ]);
      const widths = answers.map(({ lower, upper }) => (upper ?? 0) - (lower ?? 0));
      for (const width of widths.slice(1)) assert.ok(width > (widths[0] ?? 1), String(widths));
      assert.deepEqual(
        answers.slice(0, 3).map(({ status }) => status),
        ['OK', 'DEGRADED', 'DEGRADED'],
      );
    });

    it('answers UNAVAILABLE for a row of another feature set, and answers the others', async () => {
      const row = rows.at(-1);
      assert.ok(row);
      const answers = await predictor.predict([row, { ...row, values: [1] }]);
      assert.deepEqual(
        answers.map(({ status }) => status),
        ['OK', 'UNAVAILABLE'],
      );
      assert.match(answers[1]?.reason ?? '', /12 features/);
    });

    it('rejects once closed', async () => {
      const other = await createPredictor(loadBundle(trained.folder));
      await other.close();
      await assert.rejects(other.predict(rows.slice(0, 1)), refused('closed'));
    });
  });
});
