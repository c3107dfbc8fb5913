/** A program that does the validate and features steps on Kafka, as the measurements see it. */
import type { Kafka } from '../../cli/connections.ts';
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

export interface Running {
  readonly pids: readonly number[];
  /** From its start until it was in its groups and ready to work, seconds. */
  readonly startSeconds: number;
  /** Whether it has committed everything that is on its inputs. */
  isDone(): Promise<boolean>;
  stop(): Promise<void>;
}

export interface Contender {
  /** For files and JSON. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Resolves when it is ready to work. */
  start(run: Run): Promise<Running>;
}
