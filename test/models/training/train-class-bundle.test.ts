import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadBundle } from '../../../models/bundle/bundle.ts';
import { collectDataset } from '../../../models/data/collect-dataset.ts';
import type { Dataset } from '../../../models/data/labelled-dataset.ts';
import { fullEffort } from '../../../models/learners/member-kind.ts';
import { createPredictor } from '../../../models/serving/bundle-predictor.ts';
import { train } from '../../../models/training/train-bundle.ts';
import type { Trained } from '../../../models/training/train-options.ts';
import { loadDefinition } from '../../../processes/load.ts';
import { featuresOffline } from '../../../processors/offline.ts';
import type { FeatureRow } from '../../../schemas/generated/types.ts';
import { createCsvSource } from '../../../sources/csv/csv.ts';
import { wellFormed } from '../cards/well-formed.ts';

const root = resolve(import.meta.dirname, '../../..');
const file = join(
  process.env['CASTWATCH_DATA'] ?? join(root, '..', 'shared', 'data'),
  'uci_steel_plates',
  'Faults.NNA',
);

describe('the steel plates: seven classes, no time, no sequence', () => {
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-classes-'));
  const definition = loadDefinition(join(root, 'processes/steel-plates.yaml'));
  let dataset: Dataset;
  let trained: Trained;

  before(async function () {
    this.timeout(240_000);
    if (!existsSync(file)) {
      process.stdout.write(`      skipped: there is no ${file}; set CASTWATCH_DATA\n`);
      this.skip();
    }
    dataset = await collectDataset({
      definition,
      records: await createCsvSource({ definition, files: [file] }),
    });
    const effort = { ...fullEffort, folds: 5, rounds: 112 };
    trained = await train({ definition, dataset, out: folder, seed: 1, effort });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('are called right about four times in five, on rows that no tree had seen', () => {
    const judged = trained.card.classes?.crossValidated;
    const [model, ...baselines] = judged?.scores ?? [];
    assert.ok(model !== undefined && model.accuracy > 0.79 && model.macroF1 > 0.82, JSON.stringify(model));
    for (const each of baselines) assert.ok(each.accuracy < model.accuracy - 0.04, each.name);
    assert.equal(judged?.repeats.length, 3);
    const mean = (of: 'accuracy' | 'macroF1'): number =>
      judged.repeats.reduce((sum, each) => sum + each[of], 0) / judged.repeats.length;
    assert.ok(mean('accuracy') >= 0.8 && mean('macroF1') >= 0.82, JSON.stringify(judged.repeats));
    assert.equal(judged.rows, 1940);
    assert.match(trained.card.plan, /in no order/);
  });

  it('have a card with every class, as text and as a page', () => {
    const text = readFileSync(join(trained.folder, 'card.md'), 'utf8');
    assert.match(text, /\| K_Scratch \| 391 \|/);
    assert.match(text, /What follows is about Z_Scratch or K_Scratch/);
    const html = readFileSync(join(trained.folder, 'card.html'), 'utf8');
    wellFormed(html);
    assert.match(html, /F1 by class/);
  });

  it('are served: the probability of each class and of the classes to warn of, and why', async function () {
    this.timeout(60_000);
    const bundle = loadBundle(trained.folder);
    const rows: FeatureRow[] = [];
    const records = await createCsvSource({ definition, files: [file] });
    await featuresOffline({ definition, records, sinks: { features: (row) => rows.push(row) } });
    const predictor = await createPredictor(bundle);
    const answers = await predictor.predict(rows);
    const [alone] = await predictor.predict(rows.slice(700, 701));
    await predictor.close();
    assert.deepEqual(alone, answers[700]);
    let right = 0;
    answers.forEach(({ classes, probability, status, contributions, lower, upper }, row) => {
      assert.equal(status, 'OK');
      assert.ok(Math.abs(classes.reduce((sum, each) => sum + each.probability, 0) - 1) < 1e-9);
      const scratch = classes.filter(({ name }) => name.endsWith('Scratch'));
      const sum = scratch.reduce((total, each) => total + each.probability, 0);
      assert.ok(Math.abs(sum - (probability ?? 2)) < 1e-6, `${sum} ${probability}`);
      assert.ok((lower ?? 1) <= (probability ?? 0) && (probability ?? 1) <= (upper ?? 0));
      assert.ok(contributions.length > 0);
      const best = classes.reduce((most, each) => (each.probability > most.probability ? each : most));
      if (best.name === dataset.classes?.names[dataset.classes.of[row] ?? -1]) right += 1;
    });
    // Rows that the trees were trained on.
    assert.ok(right / rows.length > 0.9, String(right / rows.length));
  });
});
