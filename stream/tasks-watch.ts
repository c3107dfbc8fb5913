/** Watches how far the tasks of an app are behind, and in which partitions they do not get on. */
import type { AppStatus, StreamAppOptions } from './app-types.ts';
import type { Stage } from './chain.ts';
import { watchLag } from './lag.ts';
import { groupOfStep } from './positions.ts';
import type { Task } from './task.ts';

export interface ProgressSources {
  readonly stages: readonly Stage[];
  readonly tasks: () => Iterable<Pick<Task, 'partition' | 'progress'>>;
  /** Partitions that stand still for a reason that the status tells. */
  readonly standing: () => readonly { readonly partition: number }[];
}

export interface TasksWatch extends Pick<AppStatus, 'stalls' | 'unanswered'> {
  stop(): void;
}

export function watchTasks(
  { stages, tasks, standing }: ProgressSources,
  { transport, observer, application, lookEvery }: StreamAppOptions,
): TasksWatch {
  const stepOf = new Map(stages.map(({ step }) => [groupOfStep(application, step), step]));
  const lag = watchLag({
    transport,
    every: lookEvery,
    report: observer?.lag?.bind(observer),
    progress() {
      const told = new Set(standing().map(({ partition }) => partition));
      return [...tasks()].flatMap(({ partition, progress }) =>
        progress.map((each) => ({ ...each, isExcused: told.has(partition) })),
      );
    },
  });
  return {
    get stalls() {
      return lag.stalls.map((stall) => ({ ...stall, step: stepOf.get(stall.group) ?? stall.group }));
    },
    get unanswered() {
      return lag.unanswered;
    },
    stop: () => {
      lag.stop();
    },
  };
}
