/** What the stack needs to know about a part to run it. */
import type { Command } from '../guard/guard-protocol.ts';

export type StackPartName = 'kafka' | 'registry' | 'database';

export interface Part {
  readonly name: StackPartName;
  /** The name in messages. */
  readonly title: string;
  readonly command: Command;
  readonly readyTimeoutMs: number;
  /** Prepares a start: writes files, formats storage, initialises a new database. Called before each start. */
  prepare(): Promise<void>;
  /** Whether the part answers. Called repeatedly until it returns true. */
  isReady(): Promise<boolean>;
  /** Called once, when the part is ready. */
  finish?(): Promise<void>;
}

export interface PartSettings {
  readonly dataDir: string;
  readonly logDir: string;
  readonly java: string;
  /** For tests, which run minutes and not days: starts faster, but a power cut may lose data. */
  readonly shortLived: boolean;
}
