import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kinds } from '../../sources/kinds.ts';
import { openHistory, openSource, requireReplayable } from '../../sources/open.ts';
import { createSimulator } from '../../sources/simulator/simulator.ts';
import { casting, collect, minutes, start } from './plants.ts';

const definition = casting();
const simulated = { source: 'simulator', file: [], seed: '1', startTime: start, minutes: 20 } as const;
const followed = { source: 'tail', file: ['readings.ndjson'], seed: '1', faults: 'none' } as const;

describe('sources/open', () => {
  it('opens the simulator, with faults only on request', async () => {
    const clean = await collect(await openSource(definition, { ...simulated, faults: 'none' }));
    assert.deepEqual(
      clean,
      await collect(createSimulator({ definition, seed: 1, start, duration: 20 * minutes })),
    );
    const spoiled = await openSource(definition, { ...simulated, faults: 'duplicate' });
    assert.equal((await collect(spoiled)).length, clean.length + (spoiled.counts()['duplicate'] ?? NaN));
  });

  it('opens files', async () => {
    const flags = { source: 'csv', file: ['no-such-file.csv'], seed: '1', faults: 'none' } as const;
    await assert.rejects(openSource(definition, flags), { code: 'DEFINITION' });
    await assert.rejects(openSource(definition, { ...flags, file: [] }), /needs at least one file/);
  });

  it('opens a live source, and refuses it when records must be repeatable', async () => {
    const source = await openSource(definition, followed, { positions: 'nowhere' });
    assert.equal(source.kind, 'live');
    assert.throws(() => requireReplayable(source, '--until-done', 'compares'), {
      code: 'CONFIGURATION',
      message: /--until-done compares. The source tail:readings.ndjson is live/,
    });
    await assert.rejects(openSource(definition, { ...followed, faults: 'all' }, { positions: 'nowhere' }), {
      code: 'CONFIGURATION',
    });
  });

  it('refuses a live source at compile time', () => {
    // never called: the compiler is the test
    const compileOnly = (): unknown => [
      // @ts-expect-error a live source is no history
      openHistory(definition, 'tail', followed, {}),
      // @ts-expect-error a live source cannot be iterated
      openSource(definition, followed).then(collect),
    ];
    assert.equal(typeof compileOnly, 'function');
  });

  it('is listed in the README and in the list of kinds alike', () => {
    const table = readFileSync(join(import.meta.dirname, '../../sources/README.md'), 'utf8');
    for (const [name, { is, help }] of Object.entries(kinds)) {
      const row = new RegExp(
        `^\\| \\[${name}\\]\\([\\w-]+/\\) +\\| ${is === 'live' ? 'Live' : 'Replayable'} +\\| ${help} +\\|$`,
        'm',
      );
      assert.match(table, row);
    }
  });
});
