/**
 * Chapter 3. Windows in event time.
 *
 * A window collects what happened within, for example, a minute. It closes when the key's own records are late enough, not
 * when a server's clock is. Then a replay of old data gives the same windows as the live run did.
 */
import assert from 'node:assert/strict';
import {
  absorbed,
  advance,
  drop,
  isLate,
  noWatermark,
  startStreamApp,
  watermark,
  type Input,
  type Output,
  type Step,
} from '../../stream/index.ts';
import { json, workbench } from './workbench.ts';

interface Reading {
  /** When it was measured, seconds. The record's own timestamp says when it was published. */
  readonly at: number;
  readonly celsius: number;
}
interface Mean {
  readonly from: number;
  readonly mean: number;
}
interface MeansState {
  latest: number | null;
  /** Sum and count of each open window, by its first second. */
  readonly open: Partial<Record<string, { sum: number; count: number }>>;
}

const minute = 60;
/** A record may be this late, in seconds. */
const grace = 10;

const means: Step<Input<'readings', Reading>, Output<'means', Mean>, MeansState> = {
  name: 'means',
  create: () => ({ latest: null, open: {} }),
  process({ input, key, timestamp }, state) {
    const { at, celsius } = input.value;
    const latest = state.latest ?? noWatermark;
    if (isLate(latest, at, grace)) return drop('LATE');
    state.latest = advance(latest, at);

    const from = Math.floor(at / minute) * minute;
    const window = (state.open[from] ??= { sum: 0, count: 0 });
    window.sum += celsius;
    window.count += 1;

    // Everything before the watermark counts as complete.
    const complete = watermark(state.latest, grace);
    const records: Output<'means', Mean>[] = [];
    for (const [start, window] of Object.entries(state.open)) {
      if (window === undefined || Number(start) + minute > complete) continue;
      const value = { from: Number(start), mean: window.sum / window.count };
      records.push({ to: 'means', key, timestamp, value });
      state.open[start] = undefined;
    }
    // `absorbed` means: taken into the state, nothing to write yet.
    return records.length === 0 ? absorbed : { kind: 'emit', records };
  },
};

describe('manual 3: windows in event time', () => {
  it('close when their own key moves on, and accept records within grace', async () => {
    const { transport, send, read, processed, run, close } = workbench([
      'readings',
      'means',
      'log',
      'dead-letters',
    ]);
    run(
      startStreamApp(
        {
          step: means,
          inputs: { readings: { topic: 'readings', codec: json<Reading>(), role: 'stream' } },
          outputs: { means: { topic: 'means', codec: json<Mean>() } },
          state: { codec: json<MeansState>(), changelog: 'log' },
        },
        { transport, application: 'manual', deadLetterTopic: 'dead-letters' },
      ),
    );
    await send('readings', [
      ['pump-1', { at: 10, celsius: 50 }],
      ['pump-1', { at: 65, celsius: 99 }],
      // Out of order, but within grace: it still counts for the first minute.
      ['pump-1', { at: 58, celsius: 70 }],
      // This one moves pump-1's watermark to 61, so that its first minute closes.
      ['pump-1', { at: 71, celsius: 99 }],
      // Too late: it is dropped.
      ['pump-1', { at: 59, celsius: 0 }],
      // Another key has its own watermark; its first minute stays open.
      ['pump-2', { at: 20, celsius: 40 }],
    ]);
    await processed('manual-means', 'readings');
    assert.deepEqual(
      (await read('means')).map(({ key, value }) => [key, value]),
      [['pump-1', { from: 0, mean: 60 }]],
    );
    await close();
  });
});
