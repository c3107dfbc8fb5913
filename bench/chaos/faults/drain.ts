/** SIGTERM: the process finishes its batch, commits, leaves, and is gone within seconds; then it comes back. */
import type { Fault, Injection } from '../fault.ts';
import type { ReaderName } from '../rig/fleet.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import { hit, measure, pick, randomMoment } from './common.ts';

/** What an orchestrator gives a process before it kills it is seldom less. */
const mostSeconds = 10;

export const drain: Fault = {
  name: 'drain',
  title: 'SIGTERM to each role, and a new start',
  async *inject(rig, { times, readers, isOver }) {
    for (let round = 0; round < times; round++)
      for (const reader of readers) {
        if (isOver()) return;
        yield await drainOne(rig, reader);
      }
  },
};

export async function drainOne(rig: ChaosRig, reader: ReaderName): Promise<Injection> {
  await randomMoment(rig, reader);
  const member = await pick(rig, reader);
  const before = hit(rig, reader, member);
  const since = Date.now();
  const { seconds, inOrder } = await member.drain();
  const measured = await measure(rig, { ...before, since });
  member.start();
  await member.untilRunning();
  return {
    what: `${member.name} asked to stop`,
    drain: seconds,
    ...measured,
    violations: [
      ...(inOrder ? [] : [`${member.name} did not end in order`]),
      ...(seconds > mostSeconds ? [`${member.name} took ${seconds.toFixed(1)} s to drain`] : []),
    ],
  };
}
