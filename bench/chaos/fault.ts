import type { ReaderName } from './rig/fleet.ts';
import type { ChaosRig } from './rig/chaos-rig.ts';
import type { ChaosStack, ChaosLinks } from './rig/chaos-stack.ts';
import type { Kafka } from '../../roles/connections.ts';
import type { Reconciliation } from '../../proof/reconcile.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Replayable } from '../../sources/source.ts';

/** One fault that was done, and what was measured of it. */
export interface Injection {
  /** "validate-2 killed inside a transaction" */
  readonly what: string;
  /** Seconds until every partition that it hit had committed something new. */
  readonly recovery?: number;
  /** Longest time, in seconds, that a partition it did not hit stood still meanwhile. */
  readonly othersStalled?: number;
  /** Seconds from SIGTERM to the end of the process. */
  readonly drain?: number;
  /** What should not have happened; each fails the run. */
  readonly violations?: readonly string[];
}

export interface InjectionPlan {
  /** Of each kind that the fault has. */
  readonly times: number;
  /** Whose processes are hit, by faults that hit one at a time. */
  readonly readers: readonly ReaderName[];
  /** Time is up: no further injections. */
  readonly isOver: () => boolean;
}

/** What a stream is spoilt with. */
export interface SpoilOptions {
  readonly seed: string;
  readonly definition: ProcessDefinition;
  readonly kafka: Kafka;
}

export interface Fault {
  readonly name: string;
  /** For the report. */
  readonly title: string;
  /**
   * Whose road leads over a link that can be broken: to the broker that of one member of each role, to the database that
   * of all sinks.
   */
  readonly by?: keyof ChaosLinks;
  /** A stack of its own for this fault, or why there can be none here. */
  readonly ownStack?: () => Promise<ChaosStack | { readonly skipped: string }>;
  /** Put into the stream by the simulator; default: all that plants have. */
  readonly sourceFaults?: 'all' | 'none';
  /** Spoils the stream further. */
  readonly spoil?: (source: Replayable, surroundings: SpoilOptions) => Replayable;
  /** Does the fault, over and over, while data flow. */
  inject(rig: ChaosRig, context: InjectionPlan): AsyncIterable<Injection>;
  /** Further checks after all has settled. @returns what does not hold */
  afterwards?(rig: ChaosRig, result: Reconciliation): Promise<readonly string[]>;
}
