import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectDataset } from '../../../models/data/collect-dataset.ts';
import type { Dataset } from '../../../models/data/labelled-dataset.ts';
import { findLeaks, leakTexts } from '../../../models/data/leaks.ts';
import { planJudgement } from '../../../models/data/plan.ts';
import { SeededRandom } from '../../../base/random.ts';
import { train } from '../../../models/training/train-bundle.ts';
import type { Trained } from '../../../models/training/train-options.ts';
import { parseDefinition } from '../../../processes/load.ts';
import { createCsvSource } from '../../../sources/csv/csv.ts';
import { wellFormed } from '../cards/well-formed.ts';
import { smallDataset, smallEffort, smallPlant } from '../small-plant.ts';

const columns = 30;
const tags = Array.from({ length: columns }, (_, i) => `T${i}`);

/** Only a definition: what an engineer of another plant would write. */
const yaml = `
process: wide
title: A wide file
hierarchy: { enterprise: E, site: S, area: A, line: L }
cells: any
time: { period: 10s, grace: 0s, ahead: 1m }
tags:
${tags.map((id) => `  - { id: ${id}, title: signal ${id}, unit: u, range: [-1000, 1000], normal: [-3, 3], sentinels: [-999], required: ${id === 'T0'} }`).join('\n')}
features:
  hop: 10s
  windows: { short: 10s, long: 1m }
  rules:
    - { tags: '*', windows: [short], statistics: [last] }
    - { tags: [T1, T2, T3], windows: [long], statistics: [mean, spread] }
target: { id: fault, title: a fault, about: time, cost: { miss: 20, falseAlarm: 1 } }
csv: { time: { column: at, format: iso }, cell: '{Machine}', label: fault, ignore: [note] }
`;

/** Six machines in parallel in one file; a fault in 1 % of the rows follows from T1; T29 is filled in afterwards. */
function wideFile(): string {
  const random = new SeededRandom(9, 'wide file');
  const lines = [['at', 'Machine', ...tags, 'fault', 'note'].join(',')];
  for (let scan = 0; scan < 1500; scan += 1)
    for (let machine = 0; machine < 6; machine += 1) {
      const values = tags.map(() => random.normal());
      const odds = 3 * (values[1] ?? 0) - 7.6;
      const fault = random.uniform() < 1 / (1 + Math.exp(-odds)) ? 1 : 0;
      values[29] = fault === 1 ? 5 + random.normal() : random.normal();
      const cells = values.map((value, i) => {
        const drawn = random.uniform();
        if (i > 0 && i < 29 && drawn < 0.05) return '';
        return i > 0 && i < 29 && drawn < 0.08 ? '-999' : value.toFixed(4);
      });
      const time = new Date(Date.UTC(2026, 0, 1) + scan * 10_000).toISOString();
      lines.push([time, `M${machine}`, ...cells, fault, 'x'].join(','));
    }
  return `${lines.join('\n')}\n`;
}

describe('data never seen before: a definition, a file, and training', () => {
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-wide-'));
  const definition = parseDefinition(yaml, 'wide.yaml');
  const warnings: string[] = [];
  let dataset: Dataset;
  let trained: Trained;

  before(async function () {
    this.timeout(120_000);
    const file = join(folder, 'wide.csv');
    writeFileSync(file, wideFile());
    dataset = await collectDataset({
      definition,
      records: await createCsvSource({ definition, files: [file] }),
    });
    const onWarning = (text: string) => warnings.push(text);
    trained = await train({ definition, dataset, out: folder, seed: 1, effort: smallEffort, onWarning });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('is read: assets apart, sentinels and gaps missing, a class at about 1 %', () => {
    assert.deepEqual(
      dataset.assets,
      [0, 1, 2, 3, 4, 5].map((i) => `E/S/A/L/M${i}`),
    );
    const share = dataset.labels.reduce((sum, label) => sum + label, 0) / dataset.labels.length;
    assert.ok(share > 0.005 && share < 0.02, String(share));
    const place = dataset.featureNames.indexOf('T5.last.short');
    const values = Array.from(
      dataset.labels,
      (_, row) => dataset.features.data[row * dataset.features.columns + place] ?? 0,
    );
    const missing = values.filter((value) => Number.isNaN(value)).length / values.length;
    assert.ok(missing > 0.06 && missing < 0.1, String(missing));
    assert.ok(values.every((value) => !(value < -100)));
  });

  it('has a column that reveals the label; console and card say so', () => {
    assert.deepEqual(
      trained.card.leaks?.features.map(({ name }) => name),
      ['T29.last.short'],
    );
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /"signal T29.*alone tells the target: ROC-AUC 0\.9/);
    assert.match(readFileSync(join(trained.folder, 'card.md'), 'utf8'), /alone tells the target/);
    const html = readFileSync(join(trained.folder, 'card.html'), 'utf8');
    assert.match(html, /role="note">&quot;signal T29/);
    wellFormed(html);
  });

  it('trains a model far better than guessing once that column is removed', async function () {
    this.timeout(120_000);
    const honest = parseDefinition(
      yaml.replace(/^ {2}- \{ id: T29.*\n/m, '').replace('ignore: [note]', 'ignore: [note, T29]'),
      'wide.yaml',
    );
    const records = await createCsvSource({ definition: honest, files: [join(folder, 'wide.csv')] });
    const data = await collectDataset({ definition: honest, records });
    const { card } = await train({
      definition: honest,
      dataset: data,
      out: folder,
      seed: 1,
      effort: smallEffort,
    });
    const { features, best } = card.leaks ?? {};
    assert.deepEqual([features, best?.name], [[], 'T1.last.short']);
    const auc = (card.heldOut ?? card.crossValidated).scores[0]?.rocAuc ?? 0;
    assert.ok(auc > 0.8 && auc < 0.99, String(auc));
  });
});

describe('the leak check', () => {
  it('finds nothing in a sound data set, and says which feature is best', async () => {
    const dataset = await smallDataset();
    const leaks = findLeaks(dataset, planJudgement(smallPlant, dataset, 3));
    assert.deepEqual([leaks.features, leaks.foundBefore], [[], 0]);
    assert.match(leaks.best?.name ?? '', /^Level.spread/);
    assert.deepEqual(
      leakTexts(leaks, (name) => name),
      [],
    );
  });

  it('finds a feature that reveals the label when it is missing, and one when its value is in the middle', async () => {
    const dataset = await smallDataset();
    const plan = planJudgement(smallPlant, dataset, 3);
    const { columns: width } = dataset.features;
    for (const tell of [
      (label: number) => (label === 1 ? Number.NaN : 0),
      (label: number, row: number) => (label === 1 ? 0 : row % 2 === 0 ? 1 : -1),
    ]) {
      const data = dataset.features.data.map((value, i) => {
        const row = Math.floor(i / width);
        return i % width === 2 ? tell(dataset.labels[row] ?? 0, row) : value;
      });
      const { features } = findLeaks({ ...dataset, features: { ...dataset.features, data } }, plan);
      assert.deepEqual(
        features.map(({ name }) => name),
        [dataset.featureNames[2]],
      );
    }
  });

  it('counts labels that were known before the moment of prediction', async () => {
    const dataset = await smallDataset(2, 10);
    const foundAt = dataset.places.time.map((time, row) => (row < 7 ? time - 1 : time));
    const leaks = findLeaks(
      { ...dataset, facts: { ...dataset.facts, foundAt } },
      planJudgement(smallPlant, dataset, 3),
    );
    assert.equal(leaks.foundBefore, 7);
    assert.match(leakTexts(leaks, (name) => name)[0] ?? '', /^7 rows end after their label had been found/);
  });
});
