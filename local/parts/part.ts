/** What the stack needs to know of a part to run it. */
import type { Command } from '../guard/guard-protocol.ts';

export type StackPartName = 'kafka' | 'registry' | 'database';

export interface Part {
  readonly name: StackPartName;
  /** For people. */
  readonly title: string;
  readonly command: Command;
  readonly readyTimeoutMs: number;
  /** Files, formatting, first-time initialisation: whatever must be done before each start. */
  prepare(): Promise<void>;
  /** Asked again and again until it says yes. */
  isReady(): Promise<boolean>;
  /** Once, when it is ready. */
  finish?(): Promise<void>;
}

export interface PartSettings {
  readonly dataDir: string;
  readonly logDir: string;
  readonly java: string;
  /** Minutes rather than days: tests. Durability against power cuts is given up, and warm-up is kept short. */
  readonly shortLived: boolean;
}
