import { strict as assert } from 'node:assert';
import { endWhenAsked } from '../../../../bench/chaos/rig/paced-feed.ts';
import { openDefinition } from '../../../../roles/open-definition.ts';
import { openSource } from '../../../../sources/open.ts';
import type { SourceRecord } from '../../../../sources/source.ts';

describe('an endless feed', () => {
  it('gives the same records again, up to where it was ended', async () => {
    const source = await openSource(openDefinition({ process: 'processes/casting.yaml' }), {
      source: 'simulator',
      file: [],
      seed: '3',
      faults: 'all',
      startTime: Date.parse('2026-03-01T06:00:00Z'),
    });
    const endless = endWhenAsked(source);
    const first: SourceRecord[] = [];
    let batches = 0;
    for await (const batch of endless.source) {
      first.push(...batch);
      if (++batches === 3) endless.end();
    }
    const again: SourceRecord[] = [];
    for await (const batch of endless.source) again.push(...batch);
    assert.equal(batches, 3);
    assert.deepEqual(again, first);
  });
});
