/**
 * Has the sink store records whose event times lie seven days apart, and good rows of other assets behind them. On a server
 * with TimescaleDB each such time would want a chunk, with locks of its own, in a table that is cut by event time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { topicNames } from '../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../schemas/registry/serde.ts';
import { openPool } from '../../roles/connections.ts';
import { serverKind, type ServerKind } from '../../sinks/timescale/database-connection.ts';
import { migrate } from '../../sinks/timescale/migrate.ts';
import type { Load } from '../../sinks/timescale/writing/load-rows.ts';
import { startTimescaleSink } from '../../sinks/timescale/writing/sink.ts';
import { MemoryBroker, MemoryTransport, type ProducerRecord } from '../../stream/index.ts';

export interface OddTimesOptions {
  /** An empty database. */
  readonly databaseUrl: string;
  /** Number of rejected readings, seven days apart. */
  readonly rejected: number;
  /** Number of validated readings, seven days apart: their table is cut by event time. */
  readonly validated: number;
  /** Number of good rows of other assets. */
  readonly good: number;
  /** Ends the wait, ms. */
  readonly timeout: number;
  readonly say: (line: string) => void;
  readonly load?: Load;
  readonly connections?: number;
}

export interface OddTimesOutcome {
  readonly server: ServerKind;
  readonly seconds: number;
  /** Whether all rows are there, and no record became a dead letter. */
  readonly complete: boolean;
  /** Rows in the tables; of the validated readings, the records that the sink has stored. */
  readonly rows: { readonly rejected: number; readonly validated: number; readonly good: number };
  readonly deadLetters: number;
  /** Attempts at which the server failed, and halvings of batches. */
  readonly failures: number;
  readonly splits: number;
  /** Chunks of all tables; 0 on a plain server. */
  readonly chunks: number;
}

const week = 7 * 86_400_000;
/** 1900-01-01 */
const firstTime = Date.UTC(1900, 0, 1);
const asset = 'Works/Odd/Times/Line/Cell';
const names = topicNames();
const ids = ['rejectedReadings', 'validatedReadings', 'features'] as const;

export async function storeOddTimes(options: OddTimesOptions): Promise<OddTimesOutcome> {
  const { databaseUrl, rejected, validated, good, timeout, say, load, connections } = options;
  await migrate({ databaseUrl });
  const broker = new MemoryBroker();
  for (const id of [...ids, 'deadLetters'] as const) broker.createTopic(names[id], 1);
  const transport = new MemoryTransport(broker);
  const producer = await transport.producer();
  await producer.send(recordsOf(options));
  await producer.close();

  const began = performance.now();
  let [failures, splits] = [0, 0];
  const sink = await startTimescaleSink({
    ...{ transport, databaseUrl, serde: serdeWithoutRegistry(), group: 'odd-times', topics: ids },
    ...(load && { load }),
    ...(connections && { connections }),
    observer: {
      attempt: (outcome) => (failures += outcome === 'unavailable' ? 1 : 0),
      split: () => (splits += 1),
    },
  });
  const end = rejected + validated + good;
  const stored = (): number => sink.health().partitions.reduce((sum, each) => sum + each.stored, 0);
  let said = 0;
  while (stored() < end && performance.now() - began < timeout) {
    if (performance.now() - said > 5_000) {
      said = performance.now();
      say(`  ${stored()} of ${end} records stored ${sink.health().problems.join('; ')}`);
    }
    await sleep(50);
  }
  const seconds = (performance.now() - began) / 1_000;
  await sink.stop();
  // A count of these rows wants a lock for each chunk.
  const passed = sink.health().partitions.find(({ topic }) => topic === names.validatedReadings)?.stored ?? 0;
  const deadLetters = broker.partitions(names.deadLetters).reduce((sum, log) => sum + log.end, 0);
  const { server, chunks, ...counted } = await look(databaseUrl);
  const rows = { ...counted.rows, validated: passed };
  const complete =
    rows.rejected === rejected && rows.validated === validated && rows.good === good && deadLetters === 0;
  return { server, seconds, complete, rows, deadLetters, failures, splits, chunks };
}

function recordsOf({ rejected, validated, good }: OddTimesOptions): ProducerRecord[] {
  const serde = serdeWithoutRegistry();
  const [findings, readings, features] = [
    serde.codec('rejectedReadings'),
    serde.codec('validatedReadings'),
    serde.codec('features'),
  ];
  const times = (count: number): number[] => Array.from({ length: count }, (_, n) => firstTime + n * week);
  const common = { asset, source: 'odd-times' };
  const late = { tag: null, value: null, reason: 'LATE', treatment: 'DROPPED', detail: 'late' } as const;
  const measured = { tag: 'T', value: 1, quality: 'GOOD', treatment: 'MEASURED', reason: null } as const;
  return [
    ...times(rejected).map((eventTime, sequence) => ({
      ...{ topic: names.rejectedReadings, key: asset },
      value: findings.encode({
        ...{ ...common, eventTime, sequence, inputPartition: 0, inputOffset: sequence, dropped: true },
        rejections: [late],
      }),
    })),
    ...times(validated).map((eventTime, sequence) => ({
      ...{ topic: names.validatedReadings, key: asset },
      value: readings.encode({
        ...{ ...common, eventTime, sequence, completeness: 1, outOfOrder: false },
        measurements: [measured],
      }),
    })),
    ...Array.from({ length: good }, (_, n) => ({
      ...{ topic: names.features, key: `Works/Good/Cell${n % 8}` },
      value: features.encode({
        ...{
          asset: `Works/Good/Cell${n % 8}`,
          eventTime: Date.UTC(2026, 0, 1) + n * 1_000,
          featureSet: 'odd',
        },
        ...{ values: [n], sequence: Buffer.alloc(4), completeness: 1, repaired: 0, piece: {} },
      }),
    })),
  ];
}

interface Counted extends Pick<OddTimesOutcome, 'server' | 'chunks'> {
  readonly rows: Omit<OddTimesOutcome['rows'], 'validated'>;
}

async function look(databaseUrl: string): Promise<Counted> {
  const pool = openPool(databaseUrl);
  try {
    const count = async (source: string): Promise<number> => {
      const { rows } = await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${source}`);
      return rows[0]?.n ?? 0;
    };
    const server = await serverKind(pool);
    return {
      server,
      rows: {
        rejected: await count('castwatch.rejected_readings'),
        good: await count('castwatch.features'),
      },
      chunks: server === 'plain' ? 0 : await count('timescaledb_information.chunks'),
    };
  } finally {
    await pool.end();
  }
}
