/**
 * Every metric of Castwatch, once. Names follow OpenTelemetry's conventions (dots, singular, base units).
 * `docs/generated/metrics.md` is generated from this list.
 *
 * Every attribute has a limited number of values. Either its values are listed, or it is `bounded`: its values are names
 * from configuration and code, never from data (a step, a topic, a reason). The first `maximumAttributeValues` different
 * values are kept; further ones count as `other`.
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
      'Time from the publication of the reading that completed a row to the commit of its prediction. Readings without the header ce_time are left out.',
    attributes: {},
    buckets: latencySeconds,
  },
  inferenceDuration: {
    name: 'castwatch.inference.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Time that a bundle needs to answer one batch of rows, by the role of the bundle.',
    attributes: { role: ['CHAMPION', 'CHALLENGER', 'SHADOW'] },
    buckets: seconds,
  },
  modelSwaps: {
    name: 'castwatch.model.swap',
    kind: 'counter',
    unit: '{swap}',
    description: 'Entries of the model registry that this instance now serves, or has refused.',
    attributes: { role: ['CHAMPION', 'CHALLENGER', 'SHADOW', 'OTHER'], outcome: ['SERVING', 'REFUSED'] },
  },
  modelRefused: {
    name: 'castwatch.model.refused',
    kind: 'gauge',
    unit: '{bundle}',
    description: 'Bundles that the model registry names but this instance cannot serve.',
    attributes: {},
  },
  predictions: {
    name: 'castwatch.prediction.count',
    kind: 'counter',
    unit: '{prediction}',
    description:
      'Predictions of the champion, by status. Predictions of aborted transactions are counted again when they are repeated.',
    attributes: { status: ['OK', 'DEGRADED', 'UNAVAILABLE'] },
  },
  sinkRecords: {
    name: 'castwatch.sink.record.stored',
    kind: 'counter',
    unit: '{record}',
    description: 'Records whose rows the sink has stored in the database, by topic.',
    attributes: { topic: bounded },
  },
  sinkRows: {
    name: 'castwatch.sink.row.written',
    kind: 'counter',
    unit: '{row}',
    description: 'Rows that the sink has sent to the database, by table.',
    attributes: { table: bounded },
  },
  sinkDeadLettered: {
    name: 'castwatch.sink.record.dead_lettered',
    kind: 'counter',
    unit: '{record}',
    description:
      'Records that the sink could not decode or the database refused, by reason. They are on the dead-letter topic. Never intended.',
    attributes: { topic: bounded, reason: bounded },
  },
  sinkBatchDuration: {
    name: 'castwatch.sink.batch.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Duration of one attempt to store a batch and its offsets in a database transaction.',
    attributes: { outcome: ['stored', 'fenced', 'refused', 'unavailable'] },
    buckets: seconds,
  },
  sinkSplits: {
    name: 'castwatch.sink.batch.split',
    kind: 'counter',
    unit: '{split}',
    description: 'Batches that the sink has cut in half to find the record that the database refuses.',
    attributes: {},
  },
  sinkPaused: {
    name: 'castwatch.sink.paused',
    kind: 'gauge',
    unit: '1',
    description: '1 while the sink waits for the database, otherwise 0.',
    attributes: {},
  },
  databaseJobsFailing: {
    name: 'castwatch.database.job.failing',
    kind: 'gauge',
    unit: '{job}',
    description:
      "TimescaleDB's jobs whose last run failed, or that are overdue by an hour. Intended: 0. 0 on a plain server.",
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
    description: 'Messages that the live stream has sent to clients, by kind.',
    attributes: { kind: bounded },
  },
  gatewaySkipped: {
    name: 'castwatch.gateway.message.skipped',
    kind: 'counter',
    unit: '{message}',
    description:
      'Messages that a newer one replaced before a slow client took them. Intended. Alerts are never skipped.',
    attributes: { kind: bounded },
  },
  gatewayLetGo: {
    name: 'castwatch.gateway.client.let_go',
    kind: 'counter',
    unit: '{client}',
    description:
      'Clients that the live stream has disconnected because they did not read. They reconnect and get a new snapshot.',
    attributes: { reason: ['no-acknowledge', 'alerts-overflow', 'unread'] },
  },
  gatewayInFlight: {
    name: 'castwatch.gateway.message.in_flight',
    kind: 'gauge',
    unit: 'By',
    description:
      'Size of the messages that the live stream has given to connections and that have not left the gateway. Bounded.',
    attributes: {},
  },
  gatewayUndecodable: {
    name: 'castwatch.gateway.record.undecodable',
    kind: 'counter',
    unit: '{record}',
    description: 'Records that the live stream could not decode and did not send to clients, by topic.',
    attributes: { topic: bounded },
  },
  gatewayRequestDuration: {
    name: 'castwatch.gateway.request.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Duration of HTTP requests, by route and class of status.',
    attributes: { route: bounded, status: ['2xx', '3xx', '4xx', '5xx'] },
    buckets: seconds,
  },
  gatewayIngested: {
    name: 'castwatch.gateway.record.ingested',
    kind: 'counter',
    unit: '{record}',
    description: 'Records that clients have sent to the REST API, by outcome.',
    attributes: {
      kind: ['reading', 'mes-event', 'quality-label'],
      outcome: ['accepted', 'invalid', 'unavailable'],
    },
  },
  textsPadded: {
    name: 'castwatch.input.text.padded',
    kind: 'counter',
    unit: '{text}',
    description:
      'Texts of readings, MES events and labels that ended in NUL, as strings of fixed length do. The NULs are cut. Sources count the same as the reason padded-text.',
    attributes: { entry: ['rest', 'topic'] },
  },
  sourceRecords: {
    name: 'castwatch.source.record.published',
    kind: 'counter',
    unit: '{record}',
    description: 'Records that a source has published and all in-sync replicas have acknowledged.',
    attributes: { source: bounded, topic: bounded },
  },
  sourceFaults: {
    name: 'castwatch.source.fault',
    kind: 'counter',
    unit: '{fault}',
    description: 'Faults that a source has injected as --faults requires, by kind.',
    attributes: { kind: bounded },
  },
  sourceMalformed: {
    name: 'castwatch.source.malformed',
    kind: 'counter',
    unit: '{row}',
    description: 'Rows of its input that a source could not read, by reason.',
    attributes: { source: bounded, reason: bounded },
  },
  sourceSilence: {
    name: 'castwatch.source.silence',
    kind: 'gauge',
    unit: 's',
    description:
      'Time since a live source received its last value; before the first, since it began to listen.',
    attributes: { source: bounded },
  },
  sourceState: {
    name: 'castwatch.source.state',
    kind: 'gauge',
    unit: '1',
    description: 'State of a live source: 1 for its current state, 0 for the others.',
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
    description: 'Delay of the event loop over the last 5 s.',
    attributes: { quantile: ['p50', 'p99', 'max'] },
  },
} as const satisfies Record<string, MetricEntry>;

export type MetricsCatalogue = typeof metricsCatalogue;
export type MetricId = keyof MetricsCatalogue;
