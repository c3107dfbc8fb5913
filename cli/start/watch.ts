/** Measures the running pipeline from outside, for the status line and the summary. */
import { createHistogram } from 'node:perf_hooks';
import type { Pool } from 'pg';
import { openAlerts } from '../../sinks/timescale/queries/alerts.ts';
import type { RejectedReading } from '../../schemas/generated/types.ts';
import { GroupMember, partitionKey, readDeadLetter, silentLog, type Codec } from '../../stream/index.ts';
import type { Kafka } from '../../roles/connections.ts';
import { allLag, type Lag } from '../../proof/lag.ts';
import { application, publishedHeader } from '../../roles/shared-names.ts';

export interface RunLatency {
  /** ms from a reading's publication to its prediction being seen under read committed; null before the first. */
  readonly p50: number | null;
  readonly p99: number | null;
}

export interface View {
  readonly scansPerSecond: number;
  readonly predictions: number;
  /** Readings that validation rejected as a whole. */
  readonly rejected: number;
  readonly deadLetters: number;
  readonly openAlerts: number;
  /** Over the last 5 to 10 s. */
  readonly latency: RunLatency;
  readonly lag: number;
}

export interface Watch {
  /** As of the last measurement; one is taken every 2 s. */
  view(): View;
  /** Over the complete run. */
  latency(): RunLatency;
  stop(): Promise<void>;
}

const lookEveryMs = 2_000;
/** Histograms are swapped at this interval, so that a recent figure covers the last 5 to 10 s. */
const recentMs = 5_000;
const mostAlerts = 1_000;

/** Counts the records that are committed from now on. */
export async function startWatch(
  kafka: Kafka,
  pool: Pool,
  onProblem: (error: unknown) => void,
): Promise<Watch> {
  const { transport, topics, prefix, serde } = kafka;
  const rejections = serde.codec('rejectedReadings');
  const total = createHistogram();
  let [recent, before] = [createHistogram(), createHistogram()];
  const counts = { predictions: 0, rejected: 0, deadLetters: 0 };
  let latest = { scansPerSecond: 0, openAlerts: 0, lag: 0 };

  /** Where it reads on after a broker was away: each record is counted once. */
  const next = new Map<string, number>();
  const startOf = async (topic: string): Promise<ReadonlyMap<number, number>> =>
    new Map(
      [...(await transport.endOffsets(topic))].map(([p, end]) => [p, next.get(`${topic}/${p}`) ?? end]),
    );
  const member = new GroupMember({
    transport,
    group: `${application(prefix)}-watch-${process.pid}`,
    topics: [topics.predictions, topics.rejectedReadings, topics.deadLetters],
    pauses: { first: 200, longest: 5_000 },
    log: silentLog,
    listener: {
      async assigned(partitions) {
        const names = [...new Set(partitions.map(({ topic }) => topic))];
        const starts = new Map(
          await Promise.all(names.map(async (topic) => [topic, await startOf(topic)] as const)),
        );
        return partitions.map((each) => {
          const offset = starts.get(each.topic)?.get(each.partition) ?? 0;
          next.set(partitionKey(each), offset);
          return { ...each, offset };
        });
      },
      records(source, records, position) {
        const { topic } = source;
        next.set(partitionKey(source), position);
        if (topic === topics.deadLetters)
          counts.deadLetters += records.filter((record) => readDeadLetter(record) !== undefined).length;
        if (topic === topics.rejectedReadings)
          counts.rejected += records.filter(({ value }) => isDropped(rejections, value)).length;
        if (topic !== topics.predictions) return;
        const now = Date.now();
        counts.predictions += records.length;
        for (const { headers } of records) {
          const published = Date.parse(headers?.[publishedHeader]?.toString() ?? '');
          if (Number.isNaN(published)) continue;
          const milliseconds = Math.max(1, now - published);
          total.record(milliseconds);
          recent.record(milliseconds);
        }
      },
      gap: () => undefined, // it only counts what it sees
      ended: onProblem,
    },
  });
  await member.start();

  const countScans = async (): Promise<number> => sum(await transport.endOffsets(topics.sensorReadings));
  let scans = await countScans();
  let at = performance.now();
  async function look(): Promise<void> {
    const [count, lags, alerts] = await Promise.all([
      countScans(),
      allLag({ ...kafka, pool }),
      openAlerts(pool, mostAlerts),
    ]);
    const now = performance.now();
    latest = {
      scansPerSecond: Math.max(0, ((count - scans) / (now - at)) * 1000),
      openAlerts: alerts.length,
      lag: worst(lags),
    };
    [scans, at] = [count, now];
  }

  let looking = Promise.resolve();
  const looker = setInterval(() => {
    looking = looking.then(look).catch(onProblem);
  }, lookEveryMs);
  const turner = setInterval(() => {
    [recent, before] = [createHistogram(), recent];
  }, recentMs);

  return {
    view: () => ({ ...latest, ...counts, latency: percentiles(recent.count > 0 ? recent : before) }),
    latency: () => percentiles(total),
    async stop() {
      clearInterval(looker);
      clearInterval(turner);
      await looking;
      await member.stop();
    },
  };
}

function isDropped(codec: Codec<RejectedReading>, value: Buffer | null): boolean {
  try {
    return value !== null && codec.decode(value).dropped;
  } catch {
    return false; // written with a schema that this codec has not fetched: not worth a request here
  }
}

const percentiles = (histogram: ReturnType<typeof createHistogram>): RunLatency =>
  histogram.count === 0
    ? { p50: null, p99: null }
    : { p50: histogram.percentile(50), p99: histogram.percentile(99) };

const sum = (offsets: ReadonlyMap<number, number>): number =>
  [...offsets.values()].reduce((total, offset) => total + offset, 0);

/** Readers follow one another, so their lags overlap: the largest one counts, not the sum. */
const worst = (lags: readonly Lag[]): number => Math.max(0, ...lags.map(({ records }) => records));
