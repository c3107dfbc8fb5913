import assert from 'node:assert/strict';
import { openDefinition } from '../../roles/open-definition.ts';
import { since } from '../../sources/since.ts';
import { createSimulator } from '../../sources/simulator/simulator.ts';
import { records, type Replayable, type SourceRecord } from '../../sources/source.ts';

const start = Date.parse('2026-01-05T00:00:00Z');
const from = start + 300_000;

const simulate = (): Replayable =>
  createSimulator({
    definition: openDefinition({ process: 'processes/casting.yaml' }),
    seed: 'since',
    start,
    duration: 600_000,
  });

async function all(source: Replayable): Promise<SourceRecord[]> {
  const list: SourceRecord[] = [];
  for await (const record of records(source)) list.push(record);
  return list;
}

describe('sources/since', () => {
  it('continues as the same plant: it gives the records that the complete source has from then on', async () => {
    const whole = await all(simulate());
    const later = await all(since(simulate(), from));
    const kept = whole.filter(({ topic, timestamp }) => topic === 'mesEvents' || timestamp >= from);
    assert.deepEqual(later, kept);
    assert.ok(later.length < whole.length);
  });

  it('gives the pieces that are on the assets at that time', async () => {
    const later = await all(since(simulate(), from));
    assert.ok(later.some(({ topic, timestamp }) => topic === 'mesEvents' && timestamp < from));
    assert.ok(later.every(({ topic, timestamp }) => topic === 'mesEvents' || timestamp >= from));
  });
});
