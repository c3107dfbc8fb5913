import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { sabotages } from '../../../../bench/chaos/sabotage/sabotages.ts';
import { spoil } from '../../../../bench/chaos/sabotage/spoil.ts';

describe('the sabotages', () => {
  for (const sabotage of sabotages)
    it(`fit the code as it is: ${sabotage.what}`, async () => {
      const text = await readFile(sabotage.file, 'utf8');
      assert.notEqual(spoil(text, sabotage), text);
    });
});
