/** The metrics of the stream runtime; part of the catalogue. */
import { bounded, counts, seconds, type MetricEntry } from './metric-entry.ts';

export const streamMetrics = {
  recordsConsumed: {
    name: 'castwatch.stream.record.consumed',
    kind: 'counter',
    unit: '{record}',
    description:
      'Records that a step took from its inputs. Includes those of transactions that were aborted and read again.',
    attributes: { step: bounded },
  },
  recordsEmitted: {
    name: 'castwatch.stream.record.emitted',
    kind: 'counter',
    unit: '{record}',
    description: 'Records that a step wrote to its outputs.',
    attributes: { step: bounded },
  },
  recordsDropped: {
    name: 'castwatch.stream.record.dropped',
    kind: 'counter',
    unit: '{record}',
    description: 'Records that a step let go, as intended, with the reason.',
    attributes: { step: bounded, reason: bounded },
  },
  recordsDeadLettered: {
    name: 'castwatch.stream.record.dead_lettered',
    kind: 'counter',
    unit: '{record}',
    description:
      'Records that could not be processed and went to the dead-letter topic, with the reason. Never intended.',
    attributes: { step: bounded, reason: bounded },
  },
  recordsRouted: {
    name: 'castwatch.stream.record.routed',
    kind: 'counter',
    unit: '{record}',
    description: 'Records written to an output for a reason: rejections, late records.',
    attributes: { step: bounded, output: bounded, reason: bounded },
  },
  batchSize: {
    name: 'castwatch.stream.batch.size',
    kind: 'histogram',
    unit: '{record}',
    description: 'Records in one batch of a task.',
    attributes: { step: bounded },
    buckets: counts,
  },
  batchDuration: {
    name: 'castwatch.stream.batch.duration',
    kind: 'histogram',
    unit: 's',
    description: 'From taking a batch to handing its results to the transaction.',
    attributes: { step: bounded },
    buckets: seconds,
  },
  transactionDuration: {
    name: 'castwatch.stream.transaction.duration',
    kind: 'histogram',
    unit: 's',
    description:
      'One transaction: outputs, state changes and offsets. Its count is the number of transactions.',
    attributes: { step: bounded, outcome: ['committed', 'aborted', 'fenced'] },
    buckets: seconds,
  },
  tasks: {
    name: 'castwatch.stream.task.count',
    kind: 'gauge',
    unit: '{task}',
    description: 'Tasks of this process by state. `halted` needs somebody to look.',
    attributes: { step: bounded, state: ['restoring', 'running', 'halted'] },
  },
  restoreDuration: {
    name: 'castwatch.stream.restore.duration',
    kind: 'histogram',
    unit: 's',
    description: "Rebuilding a task's state from its changelog.",
    attributes: { step: bounded },
    buckets: [...seconds, 300],
  },
  restoredBytes: {
    name: 'castwatch.stream.restore.size',
    kind: 'counter',
    unit: 'By',
    description: 'State read back from changelogs.',
    attributes: { step: bounded },
  },
  lagTime: {
    name: 'castwatch.stream.lag.time',
    kind: 'gauge',
    unit: 's',
    description:
      "Age of the oldest record in the latest batch, by the records' own timestamps, when it was done: how far behind the task of that partition is.",
    attributes: { step: bounded, partition: bounded },
  },
  lagRecords: {
    name: 'castwatch.stream.lag.record',
    kind: 'gauge',
    unit: '{record}',
    description:
      'Records on the partitions of this process that the group has not processed, by topic; looked at every 5 s. Transaction markers count too.',
    attributes: { group: bounded, topic: bounded },
  },
  buffered: {
    name: 'castwatch.stream.buffer.record',
    kind: 'gauge',
    unit: '{record}',
    description: 'Records that a task has fetched and not yet processed.',
    attributes: { step: bounded, partition: bounded },
  },
} as const satisfies Record<string, MetricEntry>;
