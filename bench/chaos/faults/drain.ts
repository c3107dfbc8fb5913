/** SIGTERM: the process must finish its batch, commit, leave its group and end within seconds. Then it starts again. */
import type { Fault, Injection } from '../fault.ts';
import type { ReaderName } from '../rig/fleet.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import { hit, measure, pick, randomMoment } from './common.ts';

/** Orchestrators rarely give a process less time before they kill it. */
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
      ...(inOrder ? [] : [`${member.name} did not end cleanly`]),
      ...(seconds > mostSeconds ? [`${member.name} took ${seconds.toFixed(1)} s to drain`] : []),
    ],
  };
}
