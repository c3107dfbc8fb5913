import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { sabotages } from '../../../../bench/chaos/sabotage/sabotages.ts';
import { spoil } from '../../../../bench/chaos/sabotage/spoil.ts';
import { withoutTest } from '../../../../bench/chaos/sabotage/titles.ts';

describe('the sabotages', () => {
  for (const sabotage of sabotages)
    it(`fit the code as it is: ${sabotage.what}`, async () => {
      const text = await readFile(sabotage.file, 'utf8');
      assert.notEqual(spoil(text, sabotage), text);
    });

  it('are noticed by tests that exist', async () => {
    assert.deepEqual(await withoutTest(sabotages), []);
  });

  it('say so when a test that must notice them has another title', async () => {
    const [sabotage] = sabotages.filter(({ check }) => check.kind === 'test');
    assert.ok(sabotage);
    const [problem] = await withoutTest([{ ...sabotage, notices: /a title that no test has/ }]);
    assert.match(problem ?? '', /no test in .* has a title like/);
  });
});
