/**
 * The guard: a small process between the stack and its parts. It has a process group of its own, so Ctrl-C in a
 * terminal reaches only the guard's parent. When that parent ends, for whatever reason, the guard stops the parts.
 *
 * Run as `node guard.ts RUN_FOLDER`, with an IPC channel.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, FromGuard, RunRecord, ToGuard } from './guard-protocol.ts';
import { identify, signalQuietly } from './process-identity.ts';

const runFolder = process.argv[2] ?? '.';
const parts = new Map<
  string,
  { readonly child: ChildProcess; readonly command: Command; readonly gone: Promise<void> }
>();
let stopping = false;

function tell(message: FromGuard): void {
  // The parent may have ended in this moment; the `disconnect` handler covers that.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

async function record(name: string, pid: number, stopSignal: NodeJS.Signals): Promise<void> {
  const identity = await identify(pid);
  if (identity === undefined) return;
  const file: RunRecord = { ...identity, name, stopSignal };
  writeFileSync(join(runFolder, `${name}.json`), JSON.stringify(file));
}

function start(name: string, command: Command): void {
  const log = openSync(command.logFile, 'a');
  const child = spawn(command.file, [...command.args], {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...command.env },
    ...(command.uid === undefined ? {} : { uid: command.uid }),
    ...(command.gid === undefined ? {} : { gid: command.gid }),
  });
  closeSync(log);
  const gone = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      parts.delete(name);
      tell({ kind: 'failed', name, message: error.message });
      resolve();
    });
    child.once('exit', (code, signal) => {
      parts.delete(name);
      rmSync(join(runFolder, `${name}.json`), { force: true });
      tell({ kind: 'exited', name, code, signal });
      resolve();
    });
  });
  parts.set(name, { child, command, gone });
  if (child.pid === undefined) return;
  const { pid } = child;
  void record(name, pid, command.stopSignal).then(() => {
    tell({ kind: 'started', name, pid });
  });
}

async function stop(name: string): Promise<void> {
  const part = parts.get(name);
  if (part === undefined) return;
  part.child.kill(part.command.stopSignal);
  const timer = setTimeout(() => part.child.kill('SIGKILL'), part.command.stopTimeoutMs);
  await part.gone;
  clearTimeout(timer);
}

/** The parts do not depend on each other, so they stop at the same time. */
async function stopAll(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await Promise.all([...parts.keys()].map(stop));
  rmSync(join(runFolder, 'guard.json'), { force: true });
  process.exit(0);
}

process.on('message', (message: ToGuard) => {
  if (stopping) return;
  switch (message.kind) {
    case 'start':
      start(message.name, message.command);
      break;
    case 'stop':
      void stop(message.name);
      break;
    case 'signal': {
      const pid = parts.get(message.name)?.child.pid;
      if (pid !== undefined) signalQuietly(pid, message.signal);
      break;
    }
    case 'stop-all':
      void stopAll();
      break;
  }
});
process.on('disconnect', () => void stopAll());
process.on('SIGTERM', () => void stopAll());
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

await record('guard', process.pid, 'SIGTERM');
tell({ kind: 'ready' });
