/** The database gone with `kill -9` while a batch is being written, and down for a while. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Injection } from '../fault.ts';
import type { Rig } from '../rig.ts';
import { pick, randomMoment } from './common.ts';

/** Predictions and alerts have nothing to do with the database; seconds are for a busy machine. */
const mostStalled = 5;

export const database: Fault = {
  name: 'database',
  title: '`kill -9` of the database inside a batch, down for 10 to 25 s',
  async *inject(rig, { times, isOver }) {
    for (let round = 0; round < times && !isOver(); round++) yield await killDatabase(rig);
  },
};

async function killDatabase(rig: Rig): Promise<Injection> {
  await randomMoment(rig, 'predict', 'alert', 'sink');
  const busy = rig.progress.busy('sink');
  const sink = await pick(rig, 'sink');
  const isInside = await rig.transactions.pauseInside(sink, () => rig.random.between([5, 60]));
  const since = Date.now();
  await rig.stack.kill('database');
  if (isInside) sink.resume();
  await sleep(rig.random.between([10_000, 25_000]));
  const down = Date.now();
  const stalled = Math.max(
    ...(['predict', 'alert'] as const).map((reader) =>
      rig.progress.longestStall(reader, rig.progress.busy(reader), since, down),
    ),
  );
  await rig.stack.start('database');
  const back = Date.now();
  const recovery = await rig.progress.recovery('sink', busy, back);
  return {
    what: `database killed ${isInside ? 'inside a batch' : 'between batches'}, down for ${((back - since) / 1000).toFixed(1)} s; recovery from its return`,
    recovery,
    othersStalled: stalled,
    violations: stalled > mostStalled ? [`predictions stood still for ${stalled.toFixed(1)} s`] : [],
  };
}
