/**
 * Telling whether a process is still the one we started. A pid alone is not enough, as the system gives it
 * to others later; pid and start time together are.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal for the same process only. */
  readonly started: string;
}

/** Undefined when no such process runs (a zombie does not run). */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const started = process.platform === 'linux' ? startedByProc(pid) : await startedByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await identify(identity.pid))?.started === identity.started;
}

/** Resolves with true as soon as it is gone, with false after the time. */
export async function waitUntilGone(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while (await isRunning(identity)) {
    if (Date.now() > end) return false;
    await sleep(50);
  }
  return true;
}

/** Asks, waits, and then insists. */
export async function terminate(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  timeoutMs: number,
): Promise<void> {
  if (!(await isRunning(identity))) return;
  signalQuietly(identity.pid, signal);
  if (await waitUntilGone(identity, timeoutMs)) return;
  signalQuietly(identity.pid, 'SIGKILL');
  await waitUntilGone(identity, 5_000);
}

/** Sends a signal to a process that may have gone meanwhile. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone: nothing left to signal
  }
}

/** proc(5): field 3 is the state, field 22 the start time in clock ticks since boot. */
function startedByProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

async function startedByPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
    const [state, ...started] = stdout.trim().split(/\s+/);
    return state === undefined || state.startsWith('Z') ? undefined : started.join(' ');
  } catch {
    return undefined;
  }
}
