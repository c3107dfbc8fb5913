import assert from 'node:assert/strict';
import { silentLog } from '../../../../stream/index.ts';
import { SampledLog } from '../../../../sinks/timescale/writing/sampled-log.ts';

describe('the log of the sink’s dead letters', () => {
  it('has the first lines of each kind, and then how many there were', () => {
    const lines: string[] = [];
    const log = new SampledLog({ ...silentLog, warn: (_fields, message) => lines.push(message) });
    for (let n = 0; n < 1_000; n++) log.warn('labels refused', {}, `label ${n}`);
    log.warn('events refused', {}, 'event 0');
    log.close();
    assert.deepEqual(lines.slice(0, 6), [0, 1, 2, 3, 4].map((n) => `label ${n}`).concat('event 0'));
    assert.match(lines[6] ?? '', /^labels refused: 995 more dead letters/);
    assert.equal(lines.length, 7);
  });
});
