/** The sink role: writes the records of the topics to the tables of the database. */
import type { SinkObserver } from '../sinks/timescale/writing/observer.ts';
import { startTimescaleSink } from '../sinks/timescale/writing/sink.ts';
import type { Instruments } from '../telemetry/metrics.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Kafka } from './connections.ts';
import { storedTopics, topics } from '../schemas/catalogue.ts';
import { sinkReadiness } from './readiness.ts';
import { sinkGroup } from './shared-names.ts';
import { partitionKey, watchLag } from '../stream/index.ts';
import type { OwnedPartitions, RoleContext, RunningRole } from './role.ts';

export interface SinkRoleOptions {
  readonly kafka: Kafka;
  readonly databaseUrl: string;
}

export async function startSinkRole(
  { kafka, databaseUrl }: SinkRoleOptions,
  context: RoleContext,
): Promise<RunningRole> {
  const { metrics, tracing } = context;
  const group = sinkGroup(kafka.prefix);
  const sink = await startTimescaleSink({
    transport: kafka.transport,
    serde: kafka.serde,
    databaseUrl,
    group,
    names: kafka.topics,
    breakerTopic: kafka.topics.breakers,
    maxDeadLetterBytes: topics.deadLetters.maxMessageBytes,
    log: context.log,
    observer: sinkObserver(metrics, tracing),
  });
  const lag = watchLag({
    transport: kafka.transport,
    progress: () => {
      const { state, partitions } = sink.health();
      return partitions.map(({ topic, partition, stored, halted }) => ({
        ...{ group, topic, partition },
        committed: stored,
        isExcused: halted || state === 'waiting',
      }));
    },
    report(name, topic, records) {
      metrics.lagRecords.set(records, { group: name, topic });
    },
  });
  for (const topic of storedTopics)
    metrics.recordsMissing.add(0, { step: 'sink', topic: kafka.topics[topic], reason: 'deleted' });
  return {
    done: sink.done,
    status() {
      const health = sink.health();
      const owned: OwnedPartitions = { reader: 'sink', partitions: health.partitions.map(partitionKey) };
      return { ...sinkReadiness(health, lag), detail: [owned] };
    },
    async stop() {
      lag.stop();
      await sink.stop();
      await kafka.close();
    },
  };
}

/** Turns what the sink reports into metrics and into the last spans of traces. */
function sinkObserver(metrics: Instruments, tracing: Tracing): SinkObserver {
  const waitingFor = new Set<string>();
  metrics.sinkPaused.set(0);
  metrics.databaseJobsFailing.set(0);
  return {
    attempt(outcome, seconds) {
      metrics.sinkBatchDuration.record(seconds, { outcome });
    },
    committed(source, table, records, startedAt) {
      const { topic } = source;
      metrics.sinkRecords.add(records.length, { topic });
      if (!tracing.enabled) return;
      const attributes = { 'db.system.name': 'postgresql', 'db.collection.name': table };
      for (const { offset, headers } of records)
        tracing.left({ operation: 'store', ...source, offset, headers, startedAt, attributes });
    },
    rows(table, rows) {
      metrics.sinkRows.add(rows, { table });
    },
    gap({ topic }, { reason, from, to }) {
      metrics.recordsMissing.add(to === undefined ? 1 : to - from, { step: 'sink', topic, reason });
    },
    split() {
      metrics.sinkSplits.add(1);
    },
    jobsFailing(jobs) {
      metrics.databaseJobsFailing.set(jobs);
    },
    deadLettered(topic, reason) {
      metrics.sinkDeadLettered.add(1, { topic, reason });
    },
    waiting(part, waiting) {
      if (waiting) waitingFor.add(part);
      else waitingFor.delete(part);
      metrics.sinkPaused.set(waitingFor.size > 0 ? 1 : 0);
    },
  };
}
