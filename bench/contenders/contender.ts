/** A program that does the validate and features steps on Kafka, as the measurements see it. */
import type { Child } from './child.ts';
import type { Kafka } from '../../roles/connections.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';

/** Topics of its own on the shared broker, and what a contender needs to know. */
export interface Run {
  readonly kafka: Kafka;
  /** The registry's, for the run's topics. */
  readonly schemaIds: Readonly<Record<string, number>>;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly plant: { readonly process: string; readonly cells: number };
  readonly definition: ProcessDefinition;
  /** For logs and profiles of this run. */
  readonly folder: string;
  /** Take CPU profiles into the folder. */
  readonly profile: boolean;
}

/** Whether the group has committed all that is on a topic now. */
export async function hasCommitted({ transport }: Kafka, group: string, topic: string): Promise<boolean> {
  const committed = await transport.committedOffsets(group, topic);
  const ends = await transport.endOffsets(topic);
  // The marker of the last transaction may be counted or not.
  return [...ends].every(([partition, end]) => end === 0 || (committed.get(partition) ?? 0) >= end - 1);
}

export interface Running {
  readonly pids: readonly number[];
  /** From its start until it was in its groups and ready to work, seconds. */
  readonly startSeconds: number;
  /** Whether it has committed everything that is on its inputs. */
  isDone(): Promise<boolean>;
  stop(): Promise<void>;
}

/** How many records: a first backlog to warm up on, and a second that is measured. */
export interface RecordCounts {
  readonly warmUp: number;
  readonly records: number;
}

/** Whether a contender can run on this machine; the others go on without one that cannot. */
export type Prepared = { readonly ready: true } | { readonly ready: false; readonly why: string };

export interface Contender {
  /** For files and JSON. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** What one that is far slower than the others is given at most, so that a run comes to its end. */
  readonly most?: RecordCounts;
  /** Fetches and builds what it needs, before anything is started. */
  readonly prepare?: (say: (line: string) => void) => Promise<Prepared>;
  /** Resolves when it is ready to work. */
  start(run: Run): Promise<Running>;
}

/** A contender that is one process: done when its group has committed all of the topic. */
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
