/** The metrics of the stream runtime; part of the catalogue. */
import { bounded, counts, seconds, type MetricEntry } from './metric-entry.ts';

export const streamMetrics = {
  recordsConsumed: {
    name: 'castwatch.stream.record.consumed',
    kind: 'counter',
    unit: '{record}',
    description:
      'Records that a step has read from its inputs. Records of aborted transactions are read and counted again.',
    attributes: { step: bounded },
  },
  recordsEmitted: {
    name: 'castwatch.stream.record.emitted',
    kind: 'counter',
    unit: '{record}',
    description: 'Records that a step has written to its outputs.',
    attributes: { step: bounded },
  },
  recordsDropped: {
    name: 'castwatch.stream.record.dropped',
    kind: 'counter',
    unit: '{record}',
    description: 'Records that a step has dropped, by reason. Intended.',
    attributes: { step: bounded, reason: bounded },
  },
  recordsDeadLettered: {
    name: 'castwatch.stream.record.dead_lettered',
    kind: 'counter',
    unit: '{record}',
    description:
      'Records that a step could not process and sent to the dead-letter topic, by reason. Never intended.',
    attributes: { step: bounded, reason: bounded },
  },
  recordsRouted: {
    name: 'castwatch.stream.record.routed',
    kind: 'counter',
    unit: '{record}',
    description:
      'Records that a step has sent to another output, such as rejections and late records, by reason.',
    attributes: { step: bounded, output: bounded, reason: bounded },
  },
  statesEvicted: {
    name: 'castwatch.stream.state.evicted',
    kind: 'counter',
    unit: '{entry}',
    description:
      'What steps have forgotten so that their state stays bounded, by reason: the state of a key that is no asset (UNACCEPTED_KEY) or that was used longest ago (LEAST_USED_KEY), values from before the definition changed (OTHER_DEFINITION), or an entry of a state.',
    attributes: { step: bounded, reason: bounded },
  },
  recordsMissing: {
    name: 'castwatch.stream.record.missing',
    kind: 'counter',
    unit: '{record}',
    description:
      'Records that no longer existed when a step or the sink was to process them, by reason: deleted (by retention), topic-replaced (counts 1, because nobody knows how many), state-lost, position-lost. Counted once per process, when they are found missing. Never intended.',
    attributes: { step: bounded, topic: bounded, reason: bounded },
  },
  batchSize: {
    name: 'castwatch.stream.batch.size',
    kind: 'histogram',
    unit: '{record}',
    description: 'Number of records in one batch of a task.',
    attributes: { step: bounded },
    buckets: counts,
  },
  batchDuration: {
    name: 'castwatch.stream.batch.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Time from taking a batch until its results are handed to the transaction.',
    attributes: { step: bounded },
    buckets: seconds,
  },
  transactionDuration: {
    name: 'castwatch.stream.transaction.duration',
    kind: 'histogram',
    unit: 's',
    description:
      'Duration of one transaction with its outputs, state changes and offsets. The count is the number of transactions.',
    attributes: { step: bounded, outcome: ['committed', 'aborted', 'fenced'] },
    buckets: seconds,
  },
  tasks: {
    name: 'castwatch.stream.task.count',
    kind: 'gauge',
    unit: '{task}',
    description: 'Tasks of this process, by state. A `halted` task needs an operator.',
    attributes: { step: bounded, state: ['restoring', 'running', 'halted'] },
  },
  restoreDuration: {
    name: 'castwatch.stream.restore.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Time to rebuild the state of a task from its changelog.',
    attributes: { step: bounded },
    buckets: [...seconds, 300],
  },
  restoredBytes: {
    name: 'castwatch.stream.restore.size',
    kind: 'counter',
    unit: 'By',
    description: 'Bytes of state that tasks have read back from changelogs.',
    attributes: { step: bounded },
  },
  lagTime: {
    name: 'castwatch.stream.lag.time',
    kind: 'gauge',
    unit: 's',
    description:
      'Age of the oldest record in the latest batch when the batch was done, by the timestamp of the record: how far the task of the partition is behind.',
    attributes: { step: bounded, partition: bounded },
  },
  lagRecords: {
    name: 'castwatch.stream.lag.record',
    kind: 'gauge',
    unit: '{record}',
    description:
      'Records on the partitions of this process that the group has not processed yet, by topic; measured every 5 s. Transaction markers are counted too.',
    attributes: { group: bounded, topic: bounded },
  },
  buffered: {
    name: 'castwatch.stream.buffer.record',
    kind: 'gauge',
    unit: '{record}',
    description: 'Records that a task has fetched but not processed yet.',
    attributes: { step: bounded, partition: bounded },
  },
} as const satisfies Record<string, MetricEntry>;
