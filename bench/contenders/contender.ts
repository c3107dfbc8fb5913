/** The interface of a contender: a program that runs validate and features on Kafka. */
import type { Child } from './child.ts';
import type { Kafka } from '../../roles/connections.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';

/** The topics of one run on the shared broker, and all that a contender needs to know. */
export interface Run {
  readonly kafka: Kafka;
  /** The schema ids in the registry, for the run's topics. */
  readonly schemaIds: Readonly<Record<string, number>>;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly plant: { readonly process: string; readonly cells: number };
  readonly definition: ProcessDefinition;
  /** The folder for logs and profiles of this run. */
  readonly folder: string;
  /** Whether to write CPU profiles into the folder. */
  readonly profile: boolean;
}

/** Returns whether the group has committed all records that are on the topic now. */
export async function hasCommitted({ transport }: Kafka, group: string, topic: string): Promise<boolean> {
  const committed = await transport.committedOffsets(group, topic);
  const ends = await transport.endOffsets(topic);
  // The committed offset may include the marker of the last transaction or not.
  return [...ends].every(([partition, end]) => end === 0 || (committed.get(partition) ?? 0) >= end - 1);
}

export interface Running {
  readonly pids: readonly number[];
  /** Seconds from the start of the process until it was in its groups and ready. */
  readonly startSeconds: number;
  /** Returns whether the contender has committed all records of its inputs. */
  isDone(): Promise<boolean>;
  stop(): Promise<void>;
}

/** Numbers of records: a first backlog to warm up, and a second one that is measured. */
export interface RecordCounts {
  readonly warmUp: number;
  readonly records: number;
}

/** Whether a contender can run on this machine. A benchmark leaves out one that cannot. */
export type Prepared = { readonly ready: true } | { readonly ready: false; readonly why: string };

export interface Contender {
  /** The name in files and JSON. */
  readonly name: string;
  /** The name for people. */
  readonly title: string;
  /** The largest number of records for a contender that is far slower than the others, so that a run ends. */
  readonly most?: RecordCounts;
  /** Downloads and builds what the contender needs, before anything is started. */
  readonly prepare?: (say: (line: string) => void) => Promise<Prepared>;
  /** Resolves when the contender is ready to work. */
  start(run: Run): Promise<Running>;
}

/** A contender that is one process. It is done when its group has committed all records of the topic. */
export const runningUntilCommitted = (
  child: Child,
  kafka: Run['kafka'],
  group: string,
  topic: string,
): Running => ({
  pids: [child.pid],
  startSeconds: child.startSeconds,
  async isDone() {
    child.requireRunning();
    return await hasCommitted(kafka, group, topic);
  },
  stop: () => child.stop(),
});
