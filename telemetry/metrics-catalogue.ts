/**
 * Every metric of this program, once. Names follow OpenTelemetry's conventions (dots, singular, base units);
 * `docs/generated/metrics.md` is made from this list.
 *
 * Every attribute is bounded: either its values are listed, or it is `bounded` (names that come from
 * configuration and code, never from data: a step, a topic, a reason), and then at most
 * `maximumAttributeValues` different ones are kept and the rest counts as `other`.
 */
import { bounded, latencySeconds, seconds, type MetricEntry } from './metric-entry.ts';
import { streamMetrics } from './stream-metrics.ts';

export { bounded, maximumAttributeValues, type AttributeValues, type MetricEntry } from './metric-entry.ts';

export const metricsCatalogue = {
  ...streamMetrics,
  predictionLatency: {
    name: 'castwatch.prediction.latency',
    kind: 'histogram',
    unit: 's',
    description:
      'From the publication of the reading that completed a row to the commit of its prediction. A reading without the header ce_time is left out.',
    attributes: {},
    buckets: latencySeconds,
  },
  inferenceDuration: {
    name: 'castwatch.inference.duration',
    kind: 'histogram',
    unit: 's',
    description: 'One batch of rows through a bundle, by the role of the bundle.',
    attributes: { role: ['CHAMPION', 'CHALLENGER', 'SHADOW'] },
    buckets: seconds,
  },
  modelSwaps: {
    name: 'castwatch.model.swap',
    kind: 'counter',
    unit: '{swap}',
    description: 'Entries of the registry that this instance has followed, or refused to.',
    attributes: { role: ['CHAMPION', 'CHALLENGER', 'SHADOW', 'OTHER'], outcome: ['SERVING', 'REFUSED'] },
  },
  modelRefused: {
    name: 'castwatch.model.refused',
    kind: 'gauge',
    unit: '{bundle}',
    description: 'Bundles that the registry names and that this instance cannot serve.',
    attributes: {},
  },
  predictions: {
    name: 'castwatch.prediction.count',
    kind: 'counter',
    unit: '{prediction}',
    description:
      'Predictions of the champion, by status. Includes those of transactions that were aborted and made again.',
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
    description: 'One attempt to store a batch and its offsets in one database transaction.',
    attributes: { outcome: ['stored', 'fenced', 'refused', 'unavailable'] },
    buckets: seconds,
  },
  sinkSplits: {
    name: 'castwatch.sink.batch.split',
    kind: 'counter',
    unit: '{split}',
    description: 'Batches cut in half to find the record that the database refuses.',
    attributes: {},
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
  sourceSilence: {
    name: 'castwatch.source.silence',
    kind: 'gauge',
    unit: 's',
    description: 'Time since a live source received its last value, or since it began to listen.',
    attributes: { source: bounded },
  },
  sourceState: {
    name: 'castwatch.source.state',
    kind: 'gauge',
    unit: '1',
    description: 'State of a live source: 1 for the state that it is in, 0 for the others.',
    attributes: {
      source: bounded,
      state: ['waiting', 'receiving', 'paused', 'silent', 'lost', 'ended'],
    },
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
