/** The broker's disk fills up and the broker halts. When space is free and it restarts, everything must continue. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { until } from '../../../base/retry.ts';
import { messageOf } from '../../../base/text.ts';
import type { Fault, Injection } from '../fault.ts';
import { readers } from '../rig/fleet.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import { newDataDir, startChaosStack, type ChaosStack } from '../rig/chaos-stack.ts';
import { randomMoment } from './common.ts';

const run = promisify(execFile);
const size = '256m';
const fullForMs = [2_000, 8_000] as const;

export const disk: Fault = {
  name: 'disk',
  title: `the broker's disk full (a tmpfs of ${size}), freed, and the broker started again`,
  ownStack: stackOnSmallDisk,
  async *inject(rig, { times, isOver }) {
    for (let round = 0; round < times && !isOver(); round++) yield await fillDisk(rig);
  },
};

const logDirOf = (dataDir: string): string => join(dataDir, 'kafka', 'log');

async function stackOnSmallDisk(): Promise<ChaosStack | { readonly skipped: string }> {
  const dataDir = await newDataDir();
  const disk = logDirOf(dataDir);
  await mkdir(disk, { recursive: true });
  const options = `size=${size},mode=0755`;
  try {
    await run('mount', ['-t', 'tmpfs', '-o', options, 'castwatch-chaos', disk]);
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true });
    const reason = messageOf(error).trim().split('\n').at(-1);
    return { skipped: `no small disk can be mounted here: ${reason ?? ''}` };
  }
  const unmount = async (): Promise<void> => {
    await run('umount', [disk]);
  };
  return startChaosStack(dataDir, { beforeRemoval: unmount }).catch(async (error: unknown) => {
    await unmount();
    throw error;
  });
}

async function fillDisk(rig: ChaosRig): Promise<Injection> {
  await randomMoment(rig, ...readers);
  const busy = readers.map((reader) => ({ reader, partitions: rig.progress.busy(reader) }));
  const ballast = join(logDirOf(rig.stack.dataDir), 'ballast');
  const since = Date.now();
  await fill(ballast);
  const port = Number(rig.stack.kafkaBrokers[0]?.split(':')[1]);
  await until('the broker to halt on its full disk', async () => !(await answers(port)), { timeout: 60_000 });
  const halted = (Date.now() - since) / 1000;
  await sleep(rig.random.between(fullForMs));
  await rm(ballast);
  await rig.stack.start('kafka');
  const back = Date.now();
  const recoveries = await Promise.all(
    busy.map(({ reader, partitions }) => rig.progress.recovery(reader, partitions, back, 120_000)),
  );
  return {
    what: `disk full; the broker halted after ${halted.toFixed(1)} s, and was back ${((back - since) / 1000).toFixed(1)} s after the disk was full; recovery from its return`,
    recovery: Math.max(...recoveries),
  };
}

/** Writes until the disk is full. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  const block = Buffer.alloc(64 * 1024);
  try {
    // The last write takes only a part of a block; the next one fails.
    for (;;) await file.write(block);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    await file.close();
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
