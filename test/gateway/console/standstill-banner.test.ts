import assert from 'node:assert/strict';
import { standstillText } from '../../../gateway/console/standstill-banner.ts';
import { clock } from '../../../gateway/console/format.ts';

describe('console/standstill-banner', () => {
  const now = Date.UTC(2026, 2, 1, 12);
  const still = {
    step: 'validate',
    topic: 'sensor-readings.v1',
    partition: 3,
    since: now - 60_000,
    why: 'most failed',
  };

  it('says nothing when nothing stands still', () => {
    assert.equal(standstillText([], now), null);
  });

  it('says which step and partition stand still, since when and why, and names the others', () => {
    const later = { ...still, step: 'sink', topic: 'alerts.v1', partition: 1, since: now - 5_000 };
    const text = standstillText([later, still], now) ?? '';
    assert.ok(
      text.includes(`since ${clock(still.since)}: validate at sensor-readings.v1/3, because most failed`),
    );
    assert.match(text, /Also: sink at alerts.v1\/1\./);
  });
});
