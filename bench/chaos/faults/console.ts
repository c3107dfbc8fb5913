/** Consoles that read nothing: the gateway's memory must stay flat, and it must serve the others. */
import { setTimeout as sleep } from 'node:timers/promises';
import { assetPaths } from '../../../processes/plant.ts';
import { openConsole, type ConsoleClient } from '../rig/console-client.ts';
import type { Fault, Injection } from '../fault.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import { randomMoment } from './common.ts';

const reading = 3;
const stalled = 20;
const warmUpMs = 15_000;
/** The gateway disconnects a client that acknowledges nothing after 30 s; then the next ones connect. */
const waveMs = 30_000;
const waves = 2;
/** Growth that is normal for a process. Each stalled client is sent about 0.2 MB/s: without a bound this would be 240 MB. */
const mostGrowthMb = 64;
const longestGapMs = 5_000;

export const consoles: Fault = {
  name: 'console',
  title: `${stalled} consoles at a time that read nothing, alongside ${reading} that do`,
  async *inject(rig, { times, isOver }) {
    const gateway = rig.fleet.addBeside('gateway', ['gateway', '--port', '0']);
    await gateway.untilRunning();
    for (let round = 0; round < times && !isOver(); round++)
      yield await stallConsoles(rig, await gateway.url());
    await gateway.drain();
  },
};

async function stallConsoles(rig: ChaosRig, url: string): Promise<Injection> {
  await randomMoment(rig, 'predict');
  const assets = assetPaths(rig.definition);
  const open = (count: number): Promise<ConsoleClient[]> =>
    Promise.all(Array.from({ length: count }, () => openConsole(url, assets)));
  const others = await open(reading);
  let hanging = await open(stalled);
  await sleep(warmUpMs);
  const before = await memory(url);
  const since = Date.now();
  const all = [...hanging];
  for (let wave = 0; wave < waves; wave++) {
    if (wave > 0) all.push(...(hanging = await open(stalled)));
    for (const client of hanging) client.stall();
    await sleep(waveMs);
  }
  const after = await memory(url);
  const gap = Math.max(...others.map(({ frames }) => longestGap(frames, since)));
  for (const client of [...all, ...others]) client.close();
  const growth = after.resident - before.resident;
  const violations = [
    ...(growth > mostGrowthMb ? [`the gateway grew by ${growth} MB`] : []),
    ...(gap > longestGapMs
      ? [`a console that reads waited for a frame for ${(gap / 1000).toFixed(1)} s`]
      : []),
  ];
  return {
    what:
      `${stalled} consoles read nothing for ${waveMs / 1000} s, then ${stalled} others: the gateway's memory went from ` +
      `${before.resident} to ${after.resident} MB (heap ${before.heap} to ${after.heap} MB); ` +
      `the others waited for a frame for at most ${(gap / 1000).toFixed(1)} s`,
    violations,
  };
}

function longestGap(frames: readonly number[], since: number): number {
  const times = [since, ...frames.filter((time) => time > since), Date.now()];
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}

/** The memory that the gateway's own metrics report, in MB. */
async function memory(url: string): Promise<{ readonly resident: number; readonly heap: number }> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const of = (kind: string): number => {
    const value = new RegExp(`^castwatch_process_memory\\S*kind="${kind}"\\S* (\\S+)`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`the gateway's metrics do not report its ${kind} memory`);
    return Math.round(Number(value) / 1024 ** 2);
  };
  return { resident: of('resident'), heap: of('heap') };
}
