import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { sabotages } from '../../../../bench/chaos/sabotage/sabotages.ts';
import { spoil } from '../../../../bench/chaos/sabotage/spoil.ts';
import { withoutTest } from '../../../../bench/chaos/sabotage/titles.ts';

describe('the sabotages', () => {
  for (const sabotage of sabotages)
    it(`match today's code: ${sabotage.what}`, async () => {
      const text = await readFile(sabotage.file, 'utf8');
      assert.notEqual(spoil(text, sabotage), text);
    });

  it('are detected by tests that exist', async () => {
    assert.deepEqual(await withoutTest(sabotages), []);
  });

  it('report a test that must detect them but has another title', async () => {
    const [sabotage] = sabotages.filter(({ check }) => check.kind === 'test');
    assert.ok(sabotage);
    const [problem] = await withoutTest([{ ...sabotage, notices: /a title that no test has/ }]);
    assert.match(problem ?? '', /no test in .* has a title like/);
  });
});
