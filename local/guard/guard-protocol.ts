/** The messages between the stack and its guard process, over IPC. */
import type { ProcessIdentity } from './process-identity.ts';

/** How to run a part. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** User id to run as: for PostgreSQL, which refuses to run as root. */
  readonly uid?: number;
  readonly gid?: number;
  readonly logFile: string;
  readonly stopSignal: NodeJS.Signals;
  /** How long to wait after `stopSignal` before SIGKILL. */
  readonly stopTimeoutMs: number;
}

export type ToGuard =
  | { readonly kind: 'start'; readonly name: string; readonly command: Command }
  | { readonly kind: 'stop'; readonly name: string }
  | { readonly kind: 'signal'; readonly name: string; readonly signal: NodeJS.Signals }
  /** Stops all parts, then the guard itself. */
  | { readonly kind: 'stop-all' };

export type FromGuard =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started'; readonly name: string; readonly pid: number }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }
  | {
      readonly kind: 'exited';
      readonly name: string;
      readonly code: number | null;
      readonly signal: string | null;
    };

/** The file about a running process, with which a later start finds processes that an earlier one left. */
export interface RunRecord extends ProcessIdentity {
  readonly name: string;
  readonly stopSignal: NodeJS.Signals;
}
