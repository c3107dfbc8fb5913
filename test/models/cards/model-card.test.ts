import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cardText } from '../../../models/cards/model-card-text.ts';
import { collectDataset } from '../../../models/data/collect-dataset.ts';
import { train } from '../../../models/training/train-bundle.ts';
import type { Trained } from '../../../models/training/train-options.ts';
import { history, smallDataset, smallEffort, smallPlant } from '../small-plant.ts';

const malformed = { 'malformed-cell': { count: 2, example: 'C1.csv:3 column "X": "one" is not a number' } };

describe('the card of a trained bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-card-'));
  let trained: Trained;
  let text: string;

  before(async function () {
    this.timeout(60_000);
    const effort = { ...smallEffort, rounds: 16, epochs: 1 };
    trained = await train({
      definition: smallPlant,
      dataset: await smallDataset(),
      out: folder,
      seed: 1,
      effort,
    });
    text = readFileSync(join(trained.folder, 'card.md'), 'utf8');
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('gives every figure of every contender with how sure it is', () => {
    assert.equal(text, cardText(trained.card));
    assert.match(text, /\| ensemble \| 0\.\d{3} \(0\.\d{3} to 0\.\d{3}\) \|/);
    assert.match(text, /\| last finding \|/);
    assert.match(text, /By PR-AUC it is .* its best member/);
  });

  it('says how early it warns, and how well on each part', () => {
    assert.match(text, /Of \d+ episodes of the target, \d+ were warned of/);
    assert.match(text, /\| asset c0 \| \d+ \|/);
  });

  it('goes with what could not be read of the data set, and only where there is something', async () => {
    const records = [...history(2, 15, 1)];
    const clean = await collectDataset({ definition: smallPlant, records });
    const spoiled = await collectDataset({
      definition: smallPlant,
      records: Object.assign(records, { malformed: () => malformed }),
    });
    assert.equal('malformed' in clean, false);
    assert.deepEqual(spoiled, { ...clean, malformed });
    const told = cardText({ ...trained.card, data: { ...trained.card.data, malformed } });
    assert.match(
      told,
      /\n\nNot readable in the history: 2 malformed-cell, such as C1\.csv:3 column "X": "one" is not a number\.\n\n/,
    );
  });
});
