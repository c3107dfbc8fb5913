/** The sink role: what is on the topics goes into the database's tables. */
import type { SinkObserver } from '../sinks/timescale/writing/observer.ts';
import { startTimescaleSink } from '../sinks/timescale/writing/sink.ts';
import type { Instruments } from '../telemetry/metrics.ts';
import type { Kafka } from './connections.ts';
import { sinkGroup } from './names.ts';
import { partitionKey } from '../stream/index.ts';
import type { OwnedPartitions, RoleContext, RunningRole } from './role.ts';

export interface SinkRoleOptions {
  readonly kafka: Kafka;
  readonly databaseUrl: string;
}

export async function startSinkRole(
  { kafka, databaseUrl }: SinkRoleOptions,
  context: RoleContext,
): Promise<RunningRole> {
  const sink = await startTimescaleSink({
    transport: kafka.transport,
    serde: kafka.serde,
    databaseUrl,
    group: sinkGroup(kafka.prefix),
    names: kafka.topics,
    log: context.log,
    observer: sinkObserver(context.metrics),
  });
  return {
    done: sink.done,
    status() {
      const { state, problems, partitions } = sink.health();
      const owned: OwnedPartitions = { reader: 'sink', partitions: partitions.map(partitionKey) };
      return { ready: state === 'running', halted: state === 'halted', problems, detail: [owned] };
    },
    async stop() {
      await sink.stop();
      await kafka.close();
    },
  };
}

/** What the sink tells its observer, as metrics. */
function sinkObserver(metrics: Instruments): SinkObserver {
  const waitingFor = new Set<string>();
  return {
    stored({ records, seconds }) {
      metrics.sinkRecords.add(records, { topic: 'all' });
      metrics.sinkBatchDuration.record(seconds, { topic: 'all', outcome: 'stored' });
    },
    rows(table, rows) {
      metrics.sinkRows.add(rows, { table });
    },
    split() {
      metrics.sinkSplits.add(1, { topic: 'all' });
    },
    deadLettered(table, reason) {
      metrics.sinkDeadLettered.add(1, { topic: table, reason });
    },
    waiting(part, waiting) {
      if (waiting) waitingFor.add(part);
      else waitingFor.delete(part);
      metrics.sinkPaused.set(waitingFor.size > 0 ? 1 : 0);
    },
  };
}
