/** `kill -9` of each role, at random moments and inside transactions. Its supervisor starts it again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Injection } from '../fault.ts';
import type { ReaderName } from '../rig/fleet.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import { hit, measure, pick, randomMoment } from './common.ts';

/** The supervisor waits as long (cli/start/supervisor.ts). */
export const restartAfterMs = 500;

export const kill: Fault = {
  name: 'kill',
  title: '`kill -9` of each role, every other one inside an open transaction',
  async *inject(rig, { times, readers, isOver }) {
    for (let round = 0; round < times; round++)
      for (const [index, reader] of readers.entries()) {
        if (isOver()) return;
        yield await killOne(rig, reader, (round + index) % 2 === 0);
      }
  },
};

async function killOne(rig: ChaosRig, reader: ReaderName, inside: boolean): Promise<Injection> {
  await randomMoment(rig, reader);
  const member = await pick(rig, reader);
  const isInside = inside && (await rig.transactions.pauseInside(member, () => rig.random.between([5, 60])));
  const before = hit(rig, reader, member);
  const since = Date.now();
  await member.kill();
  await sleep(restartAfterMs);
  member.start();
  const measured = await measure(rig, { ...before, since });
  await member.untilRunning();
  const where = isInside ? 'inside an open transaction' : 'at a random moment';
  return { what: `${member.name} killed ${where}`, ...measured };
}
