/** Runs a role as a child process: keeps it running, hears what it tells, and stops it in order. */
import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { RoleMessage, RoleStatus } from '../../roles/role.ts';

export interface RoleSpec {
  /** Of the log file too. */
  readonly name: string;
  /** Of the command line: `['sink']`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

export interface SupervisorEvents {
  /** It ended and is about to be started again. */
  readonly onRestart?: (name: string, how: string, attempt: number) => void;
  /** It will not be started again. */
  readonly onGivenUp?: (name: string, how: string) => void;
}

export interface SupervisedRole {
  readonly name: string;
  /** Resolves with the role's own address when it runs; rejects when it was given up before. */
  readonly ready: Promise<string | undefined>;
  /** Where it serves /health, /ready and /metrics; undefined before it is ready and without a HEALTH_PORT. */
  healthUrl(): string | undefined;
  /** Resolves with the summary of a role that comes to its own end. */
  readonly finished: Promise<unknown>;
  /** As last told; undefined before. */
  status(): RoleStatus | undefined;
  /** Undefined while it is not running. */
  pid(): number | undefined;
  /** SIGTERM, time to drain, SIGKILL. */
  stop(): Promise<void>;
}

const entry = join(import.meta.dirname, '../castwatch.ts');
const firstBackOffMs = 500;
const longestBackOffMs = 10_000;
const mostRestarts = 5;
/** So long without an end, and earlier ends are forgotten. */
const steadyAfterMs = 60_000;
const stopTimeoutMs = 12_000;
/** Wrong flags, input or rights do not get better by trying again (sysexits.h, as in base/errors.ts). */
const hopelessCodes = [64, 65, 76, 77];

export function superviseRole(spec: RoleSpec, events: SupervisorEvents = {}): SupervisedRole {
  const ready = Promise.withResolvers<string | undefined>();
  const finished = Promise.withResolvers<unknown>();
  ready.promise.catch(() => undefined); // whoever waits for it hears of it; others by onGivenUp
  let child: ChildProcess | undefined;
  let latest: RoleStatus | undefined;
  let healthUrl: string | undefined;
  let stopping = false;
  let over = false;
  let restarts = 0;
  let timer: NodeJS.Timeout | undefined;

  function launch(): void {
    const started = Date.now();
    const launched = (child = forkRole(spec));
    launched.on('message', (message: RoleMessage) => {
      if (message.kind === 'ready') {
        healthUrl = message.healthUrl;
        ready.resolve(message.url);
      } else if (message.kind === 'status') latest = message.status;
      else {
        over = true;
        finished.resolve(message.summary);
      }
    });
    launched.once('exit', (code, signal) => {
      child = undefined;
      latest = undefined;
      if (stopping || over) return;
      const how = signal ?? `exit status ${code ?? 0}`;
      if (Date.now() - started > steadyAfterMs) restarts = 0;
      if (restarts >= mostRestarts || hopelessCodes.includes(code ?? 0)) {
        over = true;
        ready.reject(new Error(`the ${spec.name} role ended: ${how}; see ${spec.logFile}`));
        events.onGivenUp?.(spec.name, how);
        return;
      }
      restarts += 1;
      events.onRestart?.(spec.name, how, restarts);
      timer = setTimeout(launch, Math.min(firstBackOffMs * 2 ** (restarts - 1), longestBackOffMs));
    });
  }

  launch();
  return {
    name: spec.name,
    ready: ready.promise,
    finished: finished.promise,
    healthUrl: () => healthUrl,
    status: () => latest,
    pid: () => child?.pid,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      const running = child;
      if (running === undefined) return;
      const gone = new Promise<void>((resolve) =>
        running.once('exit', () => {
          resolve();
        }),
      );
      running.kill('SIGTERM');
      const late = setTimeout(() => running.kill('SIGKILL'), stopTimeoutMs);
      await gone;
      clearTimeout(late);
    },
  };
}

/** With an IPC channel, whose end tells the role that its parent has gone. */
function forkRole({ args, env, logFile }: RoleSpec): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    return fork(entry, [...args], {
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...process.env, ...env },
      // What is pinned is known to work: its being experimental is nothing for a log of JSON lines.
      execArgv: [...process.execArgv, '--disable-warning=ExperimentalWarning'],
    });
  } finally {
    closeSync(log);
  }
}
