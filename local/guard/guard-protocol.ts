/** What the stack and its guard process tell each other over IPC. */
import type { ProcessIdentity } from './process-identity.ts';

/** How a part is run. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** For PostgreSQL, which refuses to run as root. */
  readonly uid?: number;
  readonly gid?: number;
  readonly logFile: string;
  readonly stopSignal: NodeJS.Signals;
  /** After so long it is killed. */
  readonly stopTimeoutMs: number;
}

export type ToGuard =
  | { readonly kind: 'start'; readonly name: string; readonly command: Command }
  | { readonly kind: 'stop'; readonly name: string }
  | { readonly kind: 'signal'; readonly name: string; readonly signal: NodeJS.Signals }
  /** Everything, and then itself. */
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

/** A process on file, so that a later start can find what an earlier one left. */
export interface RunRecord extends ProcessIdentity {
  readonly name: string;
  readonly stopSignal: NodeJS.Signals;
}
