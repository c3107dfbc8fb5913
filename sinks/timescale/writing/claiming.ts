/** Takes partitions over: claims them in the database, and decides where to start reading the topic. */
import type { ClientBase, Pool } from 'pg';
import type { Gap, StreamLog, TopicPartition, Transport } from '../../../stream/index.ts';
import { failureOf, leadsNowhere } from '../failures.ts';
import {
  claim,
  endFrozenSessions,
  lockNotAvailable,
  skipGap,
  type Claim,
  type WantedPartition,
} from './positions.ts';
import type { Waiting } from './waiting.ts';

export interface Claiming {
  readonly pool: Pool;
  readonly transport: Transport;
  readonly sink: string;
  readonly log: StreamLog;
  readonly waiting: Waiting;
  /** Ends the wait for the database. No partition is claimed then. */
  readonly leaving: AbortSignal;
  /** Records no longer exist that were to be stored next. */
  readonly onGap: (source: TopicPartition, gap: Gap) => void;
}

export interface Claimed {
  readonly source: TopicPartition;
  readonly topicId: string | undefined;
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
  const { transport } = claiming;
  const first = await byTopic(sources, (topic) => transport.beginningOffsets(topic));
  const facts = await transport.describeTopics([...new Set(sources.map(({ topic }) => topic))]);
  const wanted = sources.map((source) => ({
    ...source,
    start: first(source),
    topicId: facts.get(source.topic)?.id,
  }));
  return claimPatiently(wanted, claiming);
}

async function claimPatiently(
  wanted: readonly WantedPartition[],
  { pool, transport, sink, waiting, leaving, log, onGap }: Claiming,
): Promise<Claimed[]> {
  const claims = await waiting.until('database', async (failed) => {
    if (leaving.aborted) return [];
    try {
      const client = await pool.connect();
      let broken = false;
      try {
        const claims = await claim(client, sink, wanted);
        const claimed: Claimed[] = [];
        for (const [index, one] of claims.entries())
          claimed.push(await takeOver(client, one, wanted[index], { transport, sink, onGap }));
        return claimed;
      } catch (error) {
        broken = leadsNowhere(error);
        if (sqlStateOf(error) === lockNotAvailable && (await endFrozenSessions(client)) > 0)
          log.warn(
            { sink },
            'an instance of the sink that no longer answers kept rows locked; its session was ended',
          );
        throw error;
      } finally {
        client.release(broken);
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

/** Moves the position on when the topic no longer has it, because records were deleted or the topic was made anew. */
async function takeOver(
  client: ClientBase,
  one: Claim,
  { start, topicId }: Pick<WantedPartition, 'start' | 'topicId'> = { start: 0 },
  { transport, sink, onGap }: Pick<Claiming, 'transport' | 'sink' | 'onGap'>,
): Promise<Claimed> {
  const { topic, partition, epoch, nextOffset: from } = one;
  const source = { topic, partition };
  // Asked after the claim, because the owner before may have stored more until then.
  const last = (await transport.endOffsets(topic)).get(partition) ?? 0;
  const isAnother = one.topicId !== undefined && topicId !== undefined && one.topicId !== topicId;
  if (!isAnother && from >= start && from <= last) return { source, topicId, epoch, stored: from, from };
  const gap: Gap =
    isAnother || from > last
      ? { reason: 'topic-replaced', from, to: undefined, at: Date.now() }
      : { reason: 'deleted', from, to: start, at: Date.now() };
  await skipGap(client, sink, one, gap, { offset: start, topicId });
  onGap(source, gap);
  return { source, topicId, epoch, stored: start, from: start };
}

async function byTopic(
  sources: readonly TopicPartition[],
  ask: (topic: string) => Promise<ReadonlyMap<number, number>>,
): Promise<(source: TopicPartition) => number> {
  const topics = [...new Set(sources.map(({ topic }) => topic))];
  const answers = new Map(await Promise.all(topics.map(async (topic) => [topic, await ask(topic)] as const)));
  return ({ topic, partition }) => answers.get(topic)?.get(partition) ?? 0;
}
