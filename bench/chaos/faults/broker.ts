/** The broker is killed with `kill -9` and restarted; the schema registry is killed while processes start. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Injection } from '../fault.ts';
import { readers } from '../rig/fleet.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import type { Member } from '../rig/fleet-member.ts';
import { longestStall, pick, randomMoment } from './common.ts';

export const broker: Fault = {
  name: 'broker',
  title: '`kill -9` of the broker, and its restart after 0.5 to 5 s',
  async *inject(rig, { times, isOver }) {
    for (let round = 0; round < times && !isOver(); round++) yield await killBroker(rig);
  },
};

async function killBroker(rig: ChaosRig): Promise<Injection> {
  await randomMoment(rig, ...readers);
  const busy = readers.map((reader) => ({ reader, partitions: rig.progress.busy(reader) }));
  const since = Date.now();
  const logs = rig.fleet.all.map((member) => ({ member, from: member.logSize() }));
  await rig.stack.kill('kafka');
  const downMs = rig.random.between([500, 5_000]);
  await sleep(downMs);
  await rig.stack.start('kafka');
  const upAgain = (Date.now() - since) / 1000;
  const recoveries = await Promise.all(
    busy.map(({ reader, partitions }) => rig.progress.recovery(reader, partitions, since, 120_000)),
  );
  return {
    what: `broker killed; it answered again after ${upAgain.toFixed(1)} s`,
    recovery: Math.max(...recoveries),
    violations: logs.flatMap(({ member, from }) => wordy(member, from)),
  };
}

/** A line for each kind of failure, not one for each attempt to connect. */
const mostLines = 60;

function wordy(member: Member, from: number): readonly string[] {
  const lines = member.logFrom(from).split('\n').length - 1;
  return lines > mostLines ? [`${member.name} wrote ${lines} lines about one death of the broker`] : [];
}

export const registry: Fault = {
  name: 'registry',
  title: 'the schema registry gone for 5 to 10 s, while one of each role starts',
  // A record with an unknown schema id blocks its partition until the schema registry can say that there is no such id.
  sourceFaults: 'none',
  async *inject(rig, { times, isOver }) {
    for (let round = 0; round < times && !isOver(); round++) yield await killRegistry(rig);
  },
};

async function killRegistry(rig: ChaosRig): Promise<Injection> {
  await randomMoment(rig, ...readers);
  const drained = await Promise.all(readers.map((reader) => pick(rig, reader)));
  await rig.stack.kill('registry');
  const since = Date.now();
  try {
    await Promise.all(drained.map((member) => member.drain()));
    for (const member of drained) member.start();
    await sleep(rig.random.between([5_000, 10_000]));
    // The processes that kept running have their schemas: data must still flow.
    await Promise.all(readers.map((reader) => rig.progress.flowing(reader, 30_000)));
  } finally {
    await rig.stack.start('registry'); // the next faults need it
  }
  const back = Date.now();
  // Measured before they join again: the stall of the processes that kept running and took over.
  const stall = longestStall(rig, readers, since);
  await Promise.all(drained.map((member) => member.untilRunning()));
  return {
    what: `registry killed, one of each role restarted in the meantime; the longest stall of a partition was ${stall.inWords}`,
    recovery: (Date.now() - back) / 1000,
    othersStalled: stall.seconds,
  };
}
