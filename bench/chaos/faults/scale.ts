/** Each group goes through 2, 1, 3, 1 and 2 instances while data flow. */
import type { Fault, Injection } from '../fault.ts';
import type { ReaderName } from '../rig/fleet.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import { randomMoment } from './common.ts';

export const scale: Fault = {
  name: 'scale',
  title: 'each group from 2 to 1, to 3, to 1 and back to 2 instances',
  async *inject(rig, { times, readers, isOver }) {
    for (let round = 0; round < times; round++)
      for (const reader of readers) {
        if (isOver()) return;
        yield* scaleOne(rig, reader);
      }
  },
};

async function* scaleOne(rig: ChaosRig, reader: ReaderName): AsyncGenerator<Injection> {
  for (const size of [1, 3, 1, 2]) {
    await randomMoment(rig, reader);
    const busy = rig.progress.busy(reader);
    const from = rig.fleet.of(reader);
    const since = Date.now();
    if (size < from.length) await Promise.all(from.slice(size).map((member) => member.drain()));
    else {
      const added = Array.from({ length: size - from.length }, () => rig.fleet.add(reader));
      await Promise.all(added.map((member) => member.untilRunning()));
    }
    const recovery = await rig.progress.recovery(reader, busy, Date.now());
    const stalled = rig.progress.longestStall(reader, busy, since, Date.now());
    yield { what: `${reader} from ${from.length} to ${size}`, recovery, othersStalled: stalled };
  }
}
