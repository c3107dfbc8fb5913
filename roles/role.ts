/**
 * The life of a role: one process that starts one thing, says how it is, and stops it in order when it is asked to,
 * by SIGTERM, by Ctrl-C, or because the parent that supervises it has gone.
 */
import { CastwatchError } from '../base/errors.ts';
import { createLogger, type Logger } from '../telemetry/log.ts';
import { startMetrics, type Metrics } from '../telemetry/metrics.ts';
import { startTracing, type Tracing } from '../telemetry/tracing.ts';
import type { Config } from './config.ts';
import { startHealthServer } from './health-server.ts';

/** What a role tells its supervisor over IPC. */
export type RoleMessage =
  | { readonly kind: 'ready'; readonly url: string | undefined; readonly healthUrl: string | undefined }
  | { readonly kind: 'status'; readonly status: RoleStatus }
  | { readonly kind: 'finished'; readonly summary: unknown };

export interface RoleStatus {
  readonly ready: boolean;
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[];
  /** It stands still until somebody looks. */
  readonly halted: boolean;
  /** Of the role's own: counts for the status line. */
  readonly detail?: unknown;
}

/** A reader's share of its group, as its role's `detail`. */
export interface OwnedPartitions {
  /** A step's name, or `sink`. */
  readonly reader: string;
  /** Of a step: partitions of its co-partitioned inputs, by number; of the sink: `topic/partition`. */
  readonly partitions: readonly string[];
}

export interface RoleContext {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** Aborted when the role is asked to stop. */
  readonly signal: AbortSignal;
}

export interface RunningRole {
  /** Where it is served, if it is. */
  readonly url?: string;
  /** Resolves when the role has come to its own end, with its summary; rejects when it cannot go on. */
  readonly done?: Promise<unknown>;
  status(): RoleStatus;
  stop(): Promise<void>;
}

/** A role that has not stopped by then is stuck on a part that is gone. */
const stopTimeoutMs = 9_000;
const statusEveryMs = 500;

export async function runRole(
  name: string,
  config: Config,
  start: (context: RoleContext) => Promise<RunningRole>,
): Promise<void> {
  const log = createLogger(name, config.LOG_LEVEL);
  const metrics = startMetrics(name);
  const tracing = startTracing(name);
  const stopping = new AbortController();
  const asked = new Promise<'asked'>((resolve) => {
    onStopRequest((why) => {
      if (stopping.signal.aborted) return;
      log.info({ why }, 'stopping');
      // Whatever happens from here on, this process ends.
      setTimeout(() => process.exit(1), stopTimeoutMs).unref();
      stopping.abort();
      resolve('asked');
    });
  });

  const role = await Promise.race([start({ config, log, metrics, tracing, signal: stopping.signal }), asked]);
  if (role === 'asked') process.exit(0);
  const health = await startHealthServer(config, role, metrics);
  tell({ kind: 'ready', url: role.url, healthUrl: health?.url });
  log.info({ url: role.url, healthUrl: health?.url }, 'started');
  const timer = setInterval(() => {
    tell({ kind: 'status', status: role.status() });
  }, statusEveryMs);

  try {
    const end = await Promise.race([
      asked,
      (role.done ?? new Promise<never>(() => undefined)).then((summary) => ({ summary })),
    ]);
    tell({ kind: 'status', status: role.status() });
    if (end !== 'asked') tell({ kind: 'finished', summary: end.summary });
  } finally {
    clearInterval(timer);
    await role.stop();
    await Promise.all([health?.stop(), metrics.stop(), tracing.stop()]);
  }
  if (process.connected) process.disconnect();
}

/** A supervised role leaves Ctrl-C to its supervisor, which stops the roles in their order. */
function onStopRequest(stop: (why: string) => void): void {
  const supervised = process.connected;
  process.once('SIGTERM', () => {
    stop('SIGTERM');
  });
  if (supervised) {
    process.on('SIGINT', () => undefined);
    process.once('disconnect', () => {
      stop('the parent has gone');
    });
  } else {
    process.once('SIGINT', () => {
      stop('SIGINT');
    });
  }
}

function tell(message: RoleMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** `name` of a problem that stops a start: one sentence for people. */
export function sentence(error: unknown): string {
  if (error instanceof CastwatchError)
    return [error.message, error.remedy].filter((part) => part !== undefined).join(' ');
  return error instanceof Error ? error.message : String(error);
}
