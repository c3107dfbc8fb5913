import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundlesFolder, loadChampion } from '../../models/bundle.ts';
import { cardText, type Card } from '../../models/card.ts';
import { collectDataset } from '../../models/collect.ts';
import { history, smallPlant } from './small-plant.ts';

const malformed = { 'malformed-cell': { count: 2, example: 'C1.csv:3 column "X": "one" is not a number' } };

describe('what of the history could not be read', () => {
  it('goes with the data set, and only where there is something', async () => {
    const records = [...history(2, 15, 1)];
    const clean = await collectDataset({ definition: smallPlant, records });
    const spoiled = await collectDataset({
      definition: smallPlant,
      records: Object.assign(records, { malformed: () => malformed }),
    });
    assert.equal('malformed' in clean, false);
    assert.deepEqual(spoiled, { ...clean, malformed });
  });

  it('stands in the card with its first example, and leaves other cards as they are', () => {
    const { bundle } = loadChampion('pump-rig').manifest;
    const read = (name: string) => readFileSync(join(bundlesFolder, 'pump-rig', bundle, name), 'utf8');
    const card = JSON.parse(read('card.json')) as Card;
    assert.equal(cardText(card), read('card.md'));
    const text = cardText({ ...card, data: { ...card.data, malformed } });
    assert.match(
      text,
      /\n\nNot readable in the history: 2 malformed-cell, such as C1\.csv:3 column "X": "one" is not a number\.\n\n/,
    );
  });
});
