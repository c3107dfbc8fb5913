/** Takes partitions over: claims them in the database, and decides where to start reading the topic. */
import type { Pool } from 'pg';
import { partitionKey, type StreamLog, type TopicPartition, type Transport } from '../../../stream/index.ts';
import { failureOf } from '../failures.ts';
import { claim, endFrozenSessions, lockNotAvailable, type Claim } from './positions.ts';
import type { Waiting } from './waiting.ts';

export interface Claiming {
  readonly pool: Pool;
  readonly transport: Transport;
  readonly sink: string;
  readonly log: StreamLog;
  readonly waiting: Waiting;
  /** Ends the wait for the database. No partition is claimed then. */
  readonly leaving: AbortSignal;
}

export interface Claimed {
  readonly source: TopicPartition;
  readonly epoch: number;
  /** `next_offset` in the database. */
  readonly stored: number;
  /** The offset to read from. */
  readonly from: number;
}

/** Claims the partitions. Waits until the database answers. */
export async function claimPartitions(
  sources: readonly TopicPartition[],
  claiming: Claiming,
): Promise<Claimed[]> {
  if (sources.length === 0) return [];
  const { transport, log } = claiming;
  const first = await byTopic(sources, (topic) => transport.beginningOffsets(topic));
  const last = await byTopic(sources, (topic) => transport.endOffsets(topic));
  const wanted = sources.map((source) => ({ ...source, start: first(source) }));
  const claims = await claimPatiently(wanted, claiming);
  return claims.map(({ topic, partition, nextOffset, epoch }) => {
    const source = { topic, partition };
    return {
      source,
      epoch,
      stored: nextOffset,
      from: whereToRead(source, nextOffset, first(source), last(source), log),
    };
  });
}

async function claimPatiently(
  wanted: readonly (TopicPartition & { start: number })[],
  { pool, sink, waiting, leaving, log }: Claiming,
): Promise<Claim[]> {
  const claims = await waiting.until('database', async (failed) => {
    if (leaving.aborted) return [];
    try {
      const client = await pool.connect();
      try {
        return await claim(client, sink, wanted);
      } catch (error) {
        if (sqlStateOf(error) === lockNotAvailable && (await endFrozenSessions(client)) > 0)
          log.warn(
            { sink },
            'an instance of the sink that no longer answers kept rows locked; its session was ended',
          );
        throw error;
      } finally {
        client.release();
      }
    } catch (error) {
      const { message, remedy } = failureOf(error);
      failed(message, remedy);
      return undefined;
    }
  });
  return claims ?? [];
}

const sqlStateOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/** Returns the stored position. When the topic no longer has it, logs the loss and returns the first offset of the topic. */
function whereToRead(
  source: TopicPartition,
  stored: number,
  first: number,
  last: number,
  log: StreamLog,
): number {
  if (stored >= first && stored <= last) return stored;
  const what =
    stored < first
      ? `records ${stored} to ${first - 1} were deleted from the topic before they were stored; the database will not have them`
      : `the topic ends at ${last}, before the stored position ${stored}; it was probably created again, so it is read from its beginning`;
  log.error({ ...source, stored, first, last }, `${partitionKey(source)}: ${what}`);
  return first;
}

async function byTopic(
  sources: readonly TopicPartition[],
  ask: (topic: string) => Promise<ReadonlyMap<number, number>>,
): Promise<(source: TopicPartition) => number> {
  const topics = [...new Set(sources.map(({ topic }) => topic))];
  const answers = new Map(await Promise.all(topics.map(async (topic) => [topic, await ask(topic)] as const)));
  return ({ topic, partition }) => answers.get(topic)?.get(partition) ?? 0;
}
