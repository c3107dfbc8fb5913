import assert from 'node:assert/strict';
import { openSource } from '../../sources/open.ts';
import { createSimulator } from '../../sources/simulator/simulator.ts';
import { casting, collect, minutes, start } from './plants.ts';

describe('sources/open', () => {
  it('opens the simulator, spoiled only when asked', async () => {
    const choice = { kind: 'simulator', start, duration: 20 * minutes } as const;
    const definition = casting();
    const clean = await collect(await openSource({ definition, choice, seed: 1 }));
    assert.deepEqual(
      clean,
      await collect(createSimulator({ definition, seed: 1, start, duration: 20 * minutes })),
    );
    const spoiled = await openSource({ definition, choice, seed: 1, faults: ['duplicate'] });
    assert.equal((await collect(spoiled)).length, clean.length + (spoiled.counts()['duplicate'] ?? NaN));
  });

  it('opens files', async () => {
    const choice = { kind: 'csv', files: ['no-such-file.csv'] } as const;
    await assert.rejects(openSource({ definition: casting(), choice, seed: 1 }), { code: 'DEFINITION' });
  });
});
