import type { ReaderName } from './rig/fleet.ts';
import type { ChaosRig } from './rig/chaos-rig.ts';
import type { ChaosStack, ChaosLinks } from './rig/chaos-stack.ts';
import type { Kafka } from '../../roles/connections.ts';
import type { Reconciliation } from '../../proof/reconcile.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Replayable } from '../../sources/source.ts';

/** One injected fault and its measurements. */
export interface Injection {
  /** What was done: "validate-2 killed inside a transaction". */
  readonly what: string;
  /** Seconds until every partition that it hit had committed something new. */
  readonly recovery?: number;
  /** Longest time, in seconds, that a partition it did not hit made no progress during the recovery. */
  readonly othersStalled?: number;
  /** Seconds from SIGTERM to the end of the process. */
  readonly drain?: number;
  /** Events that must not happen. Each fails the run. */
  readonly violations?: readonly string[];
}

export interface InjectionPlan {
  /** Number of injections of each kind that the fault has. */
  readonly times: number;
  /** Readers whose processes are hit by faults that hit one at a time. */
  readonly readers: readonly ReaderName[];
  /** True when the time is over: no further injections. */
  readonly isOver: () => boolean;
}

/** What a fault needs to spoil a stream. */
export interface SpoilOptions {
  readonly seed: string;
  readonly definition: ProcessDefinition;
  readonly kafka: Kafka;
}

export interface Fault {
  readonly name: string;
  /** What the report says of the fault. */
  readonly title: string;
  /**
   * The connections that go over a breakable link: to the broker those of one member of each role, to the database those
   * of all sinks.
   */
  readonly by?: keyof ChaosLinks;
  /** A stack of its own for this fault, or why this machine cannot provide it. */
  readonly ownStack?: () => Promise<ChaosStack | { readonly skipped: string }>;
  /** Faults that the simulator puts into the stream. Default: all that it has. */
  readonly sourceFaults?: 'all' | 'none';
  /**
   * The fault deletes records before they are read, so the verdict must be that all but the deleted ones were delivered.
   * `afterwards` must check that no others are missing.
   */
  readonly deletes?: true;
  /** Spoils the stream further. */
  readonly spoil?: (source: Replayable, surroundings: SpoilOptions) => Replayable;
  /** Injects the fault repeatedly while data flow. */
  inject(rig: ChaosRig, context: InjectionPlan): AsyncIterable<Injection>;
  /** Further checks after everything has settled. @returns the problems found */
  afterwards?(rig: ChaosRig, result: Reconciliation): Promise<readonly string[]>;
}
