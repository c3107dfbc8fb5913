/** Turns what `stream/` reports to its observer into metrics. */
import type { Observer, TaskState } from '../stream/index.ts';
import type { Instruments } from './metrics.ts';

const liveStates = ['restoring', 'running', 'halted'] as const;

/** @param now ms since the epoch; measures the age of the records in a batch */
export function streamObserver(
  metrics: Instruments,
  now: () => number = Date.now,
): Required<Omit<Observer, 'committed'>> {
  /** States by step, then partition. Closed tasks are removed. */
  const tasks = new Map<string, Map<number, TaskState>>();

  return {
    batch({ step, partition, records, emitted, durationMs, oldestTimestamp }) {
      metrics.recordsConsumed.add(records, { step });
      metrics.recordsEmitted.add(emitted, { step });
      metrics.batchSize.record(records, { step });
      metrics.batchDuration.record(durationMs / 1_000, { step });
      const age = Math.max(0, now() - oldestTimestamp) / 1_000;
      if (Number.isFinite(age)) metrics.lagTime.set(age, { step, partition: String(partition) });
    },
    reasons(step, kind, output, reason, count) {
      switch (kind) {
        case 'drop':
          metrics.recordsDropped.add(count, { step, reason });
          break;
        case 'dead-letter':
          metrics.recordsDeadLettered.add(count, { step, reason });
          break;
        case 'output':
          metrics.recordsRouted.add(count, { step, output: output ?? '', reason });
          break;
        case 'evict':
          metrics.statesEvicted.add(count, { step, reason });
      }
    },
    transaction(step, _partition, outcome, durationMs) {
      metrics.transactionDuration.record(durationMs / 1_000, { step, outcome });
    },
    lag(group, topic, records) {
      metrics.lagRecords.set(records, { group, topic });
    },
    taskState(step, partition, state) {
      const partitions = tasks.get(step) ?? new Map<number, TaskState>();
      tasks.set(step, partitions);
      if (state === 'closed') partitions.delete(partition);
      else partitions.set(partition, state);
      const states = [...partitions.values()];
      for (const live of liveStates) {
        metrics.tasks.set(states.filter((other) => other === live).length, { step, state: live });
      }
    },
    restored(step, _partition, _keys, bytes, durationMs) {
      metrics.restoreDuration.record(durationMs / 1_000, { step });
      metrics.restoredBytes.add(bytes, { step });
    },
    gap(step, { topic }, { reason, from, to }) {
      metrics.recordsMissing.add(to === undefined ? 1 : to - from, { step, topic, reason });
    },
    buffered(step, partition, records) {
      metrics.buffered.set(records, { step, partition: String(partition) });
    },
  };
}
