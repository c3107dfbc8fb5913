/**
 * The life of a role: a process that starts one thing, reports its status, and stops it in order on SIGTERM, on Ctrl-C,
 * or when the parent process that supervises it has ended.
 */
import { messageOf } from '../base/text.ts';
import { CastwatchError } from '../base/errors.ts';
import { createLogger, type Logger } from '../telemetry/log.ts';
import { startMetrics, type Metrics } from '../telemetry/metrics.ts';
import { startTracing, type Tracing } from '../telemetry/tracing.ts';
import type { Config } from './config.ts';
import { startHealthServer, type HealthServer } from './health-server.ts';

/** What a role reports to its supervisor over IPC. */
export type RoleMessage =
  | { readonly kind: 'ready'; readonly url: string | undefined; readonly healthUrl: string | undefined }
  | { readonly kind: 'status'; readonly status: RoleStatus }
  | { readonly kind: 'finished'; readonly summary: unknown };

export interface RoleStatus {
  readonly ready: boolean;
  /** One sentence per problem. */
  readonly problems: readonly string[];
  /** Part of the role has stopped and needs an operator. */
  readonly halted: boolean;
  /** Anything else that the role reports, such as counts. */
  readonly detail?: unknown;
}

/** The partitions that a reader has in its group, as the `detail` of its role. */
export interface OwnedPartitions {
  /** A step's name, or `sink`. */
  readonly reader: string;
  /** For a step: the numbers of the partitions, which its co-partitioned inputs share. For the sink: `topic/partition`. */
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
  /** Address at which the role serves, if it does. */
  readonly url?: string;
  /** Resolves with a summary when the work of the role is done; rejects when the role cannot continue. */
  readonly done?: Promise<unknown>;
  status(): RoleStatus;
  stop(): Promise<void>;
}

/** A role that needs longer to stop is waiting for a server that does not answer. */
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
      // The process ends even if stopping gets stuck.
      setTimeout(() => process.exit(1), stopTimeoutMs).unref();
      stopping.abort();
      resolve('asked');
    });
  });

  const role = await Promise.race([start({ config, log, metrics, tracing, signal: stopping.signal }), asked]);
  if (role === 'asked') process.exit(0);
  let health: HealthServer | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    health = await startHealthServer(config, role, metrics);
    tell({ kind: 'ready', url: role.url, healthUrl: health?.url });
    log.info({ url: role.url, healthUrl: health?.url }, 'started');
    timer = setInterval(() => {
      tell({ kind: 'status', status: role.status() });
    }, statusEveryMs);
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
      stop('the parent process has ended');
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

/** An error as text for an operator, with its remedy. */
export function sentence(error: unknown): string {
  if (error instanceof CastwatchError)
    return [error.message, error.remedy].filter((part) => part !== undefined).join(' ');
  return messageOf(error);
}
