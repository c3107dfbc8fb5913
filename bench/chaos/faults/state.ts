/** All processors killed at once: every state in memory is gone, and comes back from the changelogs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { stepNames } from '../../../processors/wiring.ts';
import type { Fault, Injection } from '../fault.ts';
import type { Rig } from '../rig.ts';
import { randomMoment } from './common.ts';

export const state: Fault = {
  name: 'state',
  title: '`kill -9` of all processors at once; states rebuilt from the changelogs',
  async *inject(rig, { times, isOver }) {
    for (let round = 0; round < times && !isOver(); round++) yield await loseState(rig);
  },
};

async function loseState(rig: Rig): Promise<Injection> {
  await randomMoment(rig, ...stepNames);
  const busy = stepNames.map((step) => ({ step, partitions: rig.progress.busy(step) }));
  const members = stepNames.flatMap((step) => rig.fleet.of(step));
  const since = Date.now();
  await Promise.all(members.map((member) => member.kill()));
  await sleep(500);
  for (const member of members) member.start();
  const recoveries = await Promise.all(
    busy.map(({ step, partitions }) => rig.progress.recovery(step, partitions, since, 120_000)),
  );
  await Promise.all(members.map((member) => member.untilRunning()));
  return { what: `${members.length} processors killed at once`, recovery: Math.max(...recoveries) };
}
