/** What an app is given, and what it tells. */
import type { BreakerOptions } from './breaker.ts';
import type { Edition } from './edition.ts';
import type { Halt } from './gap-halts.ts';
import type { Observer, StreamLog, TaskState } from './observer.ts';
import type { Unanswered } from './lag.ts';
import type { Stall } from './stalls.ts';
import type { Standstill } from './standstill.ts';
import type { TaskQuarantine } from './task.ts';
import type { Transport } from './transport.ts';

export interface StreamAppOptions {
  readonly transport: Transport;
  /** First part of the group's name; the step's name follows: `castwatch-validate`. */
  readonly application: string;
  readonly deadLetterTopic: string;
  /** What the dead-letter topic accepts (`max.message.bytes`), where it is not the 1 MiB of a broker; a larger letter is cut. */
  readonly maxDeadLetterBytes?: number;
  readonly carryHeaders?: readonly string[];
  /** The largest number of records in one transaction; default 2,000. */
  readonly maxBatchRecords?: number;
  /** ms from one transaction of a task to its next, unless a full batch waits; default 0: no pause. */
  readonly commitInterval?: number;
  /** Fetching a partition pauses when more records or bytes than this are in memory; default 10,000 and 16 MiB. */
  readonly maxBufferedRecords?: number;
  readonly maxBufferedBytes?: number;
  /** ms without a heartbeat until other members take over; default 10,000. */
  readonly sessionTimeout?: number;
  /** What this instance runs. Instances with unlike editions do not share partitions; see `edition.ts`. */
  readonly edition?: Edition;
  /** ms between two looks at the topics, and at what an operator has decided; default 10,000. */
  readonly watchEvery?: number;
  /** ms between two looks at the lag; default 5,000. Nothing committed for twelve looks while records come is a stall. */
  readonly lookEvery?: number;
  readonly breaker?: BreakerOptions;
  /** The topic on which apps report what stands still, and operators tell it to go on. */
  readonly breakerTopic?: string;
  readonly observer?: Observer;
  readonly log?: StreamLog;
}

/** `waiting`: joined, but another edition has all partitions until its instances have left. */
export type AppState = 'joining' | 'running' | 'waiting' | 'recovering' | 'halted' | 'stopped';

export interface AppStatus {
  /** More than one step when they are chained. */
  readonly steps: readonly string[];
  readonly group: string;
  /**
   * `halted`: a breaker is open, or records or the state of a partition are gone (`standstills` and `halts` say where), or the
   * group belongs to another application (`message` says so).
   */
  readonly state: AppState;
  readonly message: string | undefined;
  /** What a breaker has stopped. */
  readonly standstills: readonly Standstill[];
  /** Keys and producers that the breakers do not count, because only their records die. */
  readonly quarantines: readonly TaskQuarantine[];
  readonly tasks: readonly { readonly partition: number; readonly state: TaskState }[];
  /** Partitions that stand still, and why. */
  readonly halts: readonly Halt[];
  /** Records that the steps have left out because they no longer exist, one sentence per gap. */
  readonly notices: readonly string[];
  /** Partitions in which nothing is committed although records come. */
  readonly stalls: readonly (Stall & { readonly step: string })[];
  /** The broker does not say where the topics end, so that nobody knows of stalls. */
  readonly unanswered: Unanswered | undefined;
}

/** A running app, whatever its processor's types. */
export interface StreamApp {
  status(): AppStatus;
  /** Finishes and commits the batches in progress, then leaves the group. */
  stop(): Promise<void>;
}
