/**
 * Finds out whether a process is still the one we started. The pid alone is not enough, because the system reuses it;
 * pid and start time together are.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque text that is equal only for the same process. */
  readonly started: string;
}

/** Returns undefined when no such process runs (a zombie does not run). */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const started = process.platform === 'linux' ? startedByProc(pid) : await startedByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await identify(identity.pid))?.started === identity.started;
}

/** Resolves with true as soon as the process has ended, with false after `timeoutMs`. */
export async function waitUntilGone(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while (await isRunning(identity)) {
    if (Date.now() > end) return false;
    await sleep(50);
  }
  return true;
}

/** Sends `signal`, waits up to `timeoutMs`, then sends SIGKILL. */
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

/** Sends a signal to a process that may have ended already. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // the process has ended
  }
}

/** See proc(5): field 3 is the state, field 22 the start time in clock ticks since boot. */
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
