/** Runs a role as a child process: restarts it, reads its reports, and stops it in order. */
import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Backoff } from '../../base/retry.ts';
import type { RoleMessage, RoleStatus } from '../../roles/role.ts';

export interface RoleSpec {
  readonly name: string;
  /** Arguments of the command line, such as `['sink']`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

export interface SupervisorEvents {
  /** The role ended and is about to be restarted. */
  readonly onRestart?: (name: string, how: string, attempt: number) => void;
  /** The role ended and will not be restarted. */
  readonly onGivenUp?: (name: string, how: string) => void;
}

export interface SupervisedRole {
  readonly name: string;
  /** Resolves with the role's own address when it runs; rejects when the supervisor gives up before that. */
  readonly ready: Promise<string | undefined>;
  /** Address of /health, /ready and /metrics; undefined before the role is ready and without a HEALTH_PORT. */
  healthUrl(): string | undefined;
  /** Resolves with the summary of a role that ends because its work is done. */
  readonly finished: Promise<unknown>;
  /** The latest report; undefined before the first one. */
  status(): RoleStatus | undefined;
  /** Undefined while the role is not running. */
  pid(): number | undefined;
  /** Sends SIGTERM, waits 12 s for the role to drain, then sends SIGKILL. */
  stop(): Promise<void>;
}

const entry = join(import.meta.dirname, '../castwatch.ts');
const pauses = { first: 500, longest: 10_000 };
const mostRestarts = 5;
/** After running for this long, a role may be restarted the full number of times again. */
const steadyAfterMs = 60_000;
const stopTimeoutMs = 12_000;
/** Exit codes for wrong flags, input or rights: a restart would not help (sysexits.h, as in base/errors.ts). */
const hopelessCodes = [64, 65, 76, 77];

export function superviseRole(spec: RoleSpec, events: SupervisorEvents = {}): SupervisedRole {
  const ready = Promise.withResolvers<string | undefined>();
  const finished = Promise.withResolvers<unknown>();
  ready.promise.catch(() => undefined); // callers that do not await `ready` learn of it by onGivenUp
  let child: ChildProcess | undefined;
  let latest: RoleStatus | undefined;
  let healthUrl: string | undefined;
  let stopping = false;
  let over = false;
  const backoff = new Backoff(pauses);
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
      if (Date.now() - started > steadyAfterMs) backoff.reset();
      if (backoff.failures >= mostRestarts || hopelessCodes.includes(code ?? 0)) {
        over = true;
        ready.reject(new Error(`the ${spec.name} role ended: ${how}; see ${spec.logFile}`));
        events.onGivenUp?.(spec.name, how);
        return;
      }
      timer = setTimeout(launch, backoff.next());
      events.onRestart?.(spec.name, how, backoff.failures);
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

/** The child gets an IPC channel. When it closes, the role knows that its parent has ended. */
function forkRole({ args, env, logFile }: RoleSpec): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    return fork(entry, [...args], {
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...process.env, ...env },
      // The pinned Node version is tested, and the warning would break the log's JSON lines.
      execArgv: [...process.execArgv, '--disable-warning=ExperimentalWarning'],
    });
  } finally {
    closeSync(log);
  }
}
