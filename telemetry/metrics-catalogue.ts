/**
 * Every metric of this program, once. Names follow OpenTelemetry's conventions (dots, singular, base units);
 * `docs/generated/metrics.md` is made from this list.
 *
 * Every attribute is bounded: either its values are listed, or it is `bounded` (names that come from
 * configuration and code, never from data: a step, a topic, a reason), and then at most
 * `maximumAttributeValues` different ones are kept and the rest counts as `other`.
 */

export const bounded = 'bounded';
export const maximumAttributeValues = 64;

export type AttributeValues = typeof bounded | readonly string[];

export interface MetricEntry {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** UCUM: s, By, 1; {record} and the like for what is counted. */
  readonly unit: string;
  readonly description: string;
  readonly attributes: Readonly<Record<string, AttributeValues>>;
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
}

/** For what should take ms and may take seconds. */
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** For what may take hours when a backlog is worked off. */
const latencySeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200];
const counts = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384];

export const metricsCatalogue = {
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
    description: 'Records committed on the inputs of a group and not yet processed by it.',
    attributes: { group: bounded, topic: bounded },
  },
  buffered: {
    name: 'castwatch.stream.buffer.record',
    kind: 'gauge',
    unit: '{record}',
    description: 'Records that a task has fetched and not yet processed.',
    attributes: { step: bounded, partition: bounded },
  },
  predictionLatency: {
    name: 'castwatch.prediction.latency',
    kind: 'histogram',
    unit: 's',
    description:
      'From the publication of the reading that completed a row to its prediction being visible under read committed.',
    attributes: {},
    buckets: latencySeconds,
  },
  inferenceDuration: {
    name: 'castwatch.inference.duration',
    kind: 'histogram',
    unit: 's',
    description: 'One batch through the models.',
    attributes: { model: bounded },
    buckets: seconds,
  },
  predictions: {
    name: 'castwatch.prediction.count',
    kind: 'counter',
    unit: '{prediction}',
    description: 'Predictions by status.',
    attributes: { status: ['OK', 'DEGRADED', 'UNAVAILABLE'] },
  },
  sinkRecords: {
    name: 'castwatch.sink.record.stored',
    kind: 'counter',
    unit: '{record}',
    description: 'Records whose rows are in the database, by topic.',
    attributes: { topic: bounded },
  },
  sinkRows: {
    name: 'castwatch.sink.row.written',
    kind: 'counter',
    unit: '{row}',
    description: 'Rows sent to the database, by table.',
    attributes: { table: bounded },
  },
  sinkDeadLettered: {
    name: 'castwatch.sink.record.dead_lettered',
    kind: 'counter',
    unit: '{record}',
    description: 'Records that could not be decoded or that the database refused, with the reason.',
    attributes: { topic: bounded, reason: bounded },
  },
  sinkBatchDuration: {
    name: 'castwatch.sink.batch.duration',
    kind: 'histogram',
    unit: 's',
    description: 'One batch and its offsets in one database transaction.',
    attributes: { topic: bounded, outcome: ['stored', 'fenced', 'refused', 'unavailable'] },
    buckets: seconds,
  },
  sinkSplits: {
    name: 'castwatch.sink.batch.split',
    kind: 'counter',
    unit: '{split}',
    description: 'Batches cut in half to find the record that the database refuses.',
    attributes: { topic: bounded },
  },
  sinkPaused: {
    name: 'castwatch.sink.paused',
    kind: 'gauge',
    unit: '1',
    description: '1 while the sink waits for the database, else 0.',
    attributes: {},
  },
  gatewayClients: {
    name: 'castwatch.gateway.client.count',
    kind: 'gauge',
    unit: '{client}',
    description: 'Clients connected to the live stream.',
    attributes: {},
  },
  gatewayEmits: {
    name: 'castwatch.gateway.message.emitted',
    kind: 'counter',
    unit: '{message}',
    description: 'Messages sent to clients.',
    attributes: { kind: bounded },
  },
  gatewaySkipped: {
    name: 'castwatch.gateway.message.skipped',
    kind: 'counter',
    unit: '{message}',
    description:
      'Messages replaced by a newer one before a slow client took them, as intended. Alerts are never skipped.',
    attributes: { kind: bounded },
  },
  gatewayLetGo: {
    name: 'castwatch.gateway.client.let_go',
    kind: 'counter',
    unit: '{client}',
    description: 'Clients disconnected because they did not read; they come back to a new snapshot.',
    attributes: { reason: ['no-acknowledge', 'alerts-overflow'] },
  },
  gatewayUndecodable: {
    name: 'castwatch.gateway.record.undecodable',
    kind: 'counter',
    unit: '{record}',
    description: 'Records that the live stream could not decode and did not show, by topic.',
    attributes: { topic: bounded },
  },
  gatewayRequestDuration: {
    name: 'castwatch.gateway.request.duration',
    kind: 'histogram',
    unit: 's',
    description: 'HTTP requests, by route and class of status.',
    attributes: { route: bounded, status: ['2xx', '3xx', '4xx', '5xx'] },
    buckets: seconds,
  },
  gatewayIngested: {
    name: 'castwatch.gateway.record.ingested',
    kind: 'counter',
    unit: '{record}',
    description: 'Records taken by REST, by outcome.',
    attributes: { kind: ['reading', 'mes-event'], outcome: ['accepted', 'invalid', 'unavailable'] },
  },
  sourceRecords: {
    name: 'castwatch.source.record.published',
    kind: 'counter',
    unit: '{record}',
    description: 'Records that a source published, acknowledged by all in-sync replicas.',
    attributes: { source: bounded, topic: bounded },
  },
  sourceFaults: {
    name: 'castwatch.source.fault',
    kind: 'counter',
    unit: '{fault}',
    description: 'Faults that a source put in on demand, by kind.',
    attributes: { kind: bounded },
  },
  sourceMalformed: {
    name: 'castwatch.source.malformed',
    kind: 'counter',
    unit: '{row}',
    description: 'Rows of an input that could not be read, with the reason.',
    attributes: { source: bounded, reason: bounded },
  },
  memory: {
    name: 'castwatch.process.memory',
    kind: 'gauge',
    unit: 'By',
    description: 'Memory of this process.',
    attributes: { kind: ['resident', 'heap', 'external'] },
  },
  eventLoopDelay: {
    name: 'castwatch.process.eventloop.delay',
    kind: 'gauge',
    unit: 's',
    description: 'How long the event loop was held up, since the last look.',
    attributes: { quantile: ['p50', 'p99', 'max'] },
  },
} as const satisfies Record<string, MetricEntry>;

export type MetricsCatalogue = typeof metricsCatalogue;
export type MetricId = keyof MetricsCatalogue;
