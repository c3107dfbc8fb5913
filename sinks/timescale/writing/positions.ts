/**
 * Stores the position of each partition in the database, together with the rows. The position's row is the fence: only the
 * instance that claimed it last can move it. So a batch is stored exactly once or not at all.
 */
import type { ClientBase, Pool } from 'pg';
import type { Gap, TopicPartition } from '../../../stream/index.ts';

export interface Claim extends TopicPartition {
  /** The next offset to store. */
  readonly nextOffset: number;
  /** Id of the topic in which the offset counts; undefined when an older version wrote the position. */
  readonly topicId: string | undefined;
  /** Number of the claim; a batch of an older claim is refused. */
  readonly epoch: number;
}

/** A partition's share of a batch: the offsets from `from` (inclusive) to `to` (exclusive). */
export interface Advance extends TopicPartition {
  readonly from: number;
  readonly to: number;
  readonly epoch: number;
}

/** How long a claim waits for a locked row before it checks which session has the lock. */
const claimPatience = '3s';

export interface WantedPartition extends TopicPartition {
  /** The position of a partition that has no row yet. */
  readonly start: number;
  readonly topicId?: string | undefined;
}

/** Claims partitions: only the caller can then store them. */
export async function claim(
  client: ClientBase,
  sink: string,
  partitions: readonly WantedPartition[],
): Promise<Claim[]> {
  const claims: Claim[] = [];
  await client.query(`SET lock_timeout = '${claimPatience}'`);
  for (const { topic, partition, start, topicId } of partitions) {
    const { rows } = await client.query<PositionRow>(
      `INSERT INTO castwatch.sink_offsets AS s (sink, topic, partition, next_offset, epoch, topic_id)
       VALUES ($1, $2, $3, $4, 1, $5)
       ON CONFLICT (sink, topic, partition)
       DO UPDATE SET epoch = s.epoch + 1, updated_at = now(), topic_id = coalesce(s.topic_id, excluded.topic_id)
       RETURNING topic, partition, next_offset, epoch, topic_id`,
      [sink, topic, partition, start, topicId],
    );
    claims.push(...rows.map(toClaim));
  }
  await client.query('SET lock_timeout = DEFAULT');
  return claims;
}

interface PositionRow {
  topic: string;
  partition: number;
  next_offset: string;
  epoch: string;
  topic_id: string | null;
}

const toClaim = ({ topic, partition, next_offset, epoch, topic_id }: PositionRow): Claim => ({
  ...{ topic, partition, nextOffset: Number(next_offset), epoch: Number(epoch) },
  topicId: topic_id ?? undefined,
});

/** Moves a claimed position behind records that no longer exist, and keeps the gap, in one statement. */
export async function skipGap(
  client: ClientBase,
  sink: string,
  { topic, partition, epoch }: Claim,
  { reason, from, to }: Pick<Gap, 'reason' | 'from' | 'to'>,
  next: { readonly offset: number; readonly topicId: string | undefined },
): Promise<void> {
  await client.query(
    `WITH moved AS (
       UPDATE castwatch.sink_offsets SET next_offset = $5, topic_id = $6, updated_at = now()
        WHERE sink = $1 AND topic = $2 AND partition = $3 AND epoch = $4 RETURNING sink)
     INSERT INTO castwatch.sink_gaps (sink, topic, partition, from_offset, to_offset, reason)
     SELECT sink, $2, $3, $7, $8, $9 FROM moved`,
    [sink, topic, partition, epoch, next.offset, next.topicId, from, to, reason],
  );
}

/** Keeps a gap over which the sink moves its position with the next batch. */
export async function keepGap(
  database: ClientBase | Pool,
  sink: string,
  { topic, partition }: TopicPartition,
  { reason, from, to }: Pick<Gap, 'reason' | 'from' | 'to'>,
): Promise<void> {
  await database.query(
    `INSERT INTO castwatch.sink_gaps (sink, topic, partition, from_offset, to_offset, reason) VALUES ($1, $2, $3, $4, $5, $6)`,
    [sink, topic, partition, from, to, reason],
  );
}

/** The gaps of a sink, oldest first. */
export async function readGaps(
  database: ClientBase | Pool,
  sink: string,
): Promise<readonly (TopicPartition & { readonly gap: Gap })[]> {
  const { rows } = await database.query<{
    topic: string;
    partition: number;
    from_offset: string;
    to_offset: string | null;
    reason: Gap['reason'];
    found_at: Date;
  }>(
    `SELECT topic, partition, from_offset, to_offset, reason, found_at
       FROM castwatch.sink_gaps WHERE sink = $1 ORDER BY found_at, topic, partition`,
    [sink],
  );
  return rows.map(({ topic, partition, from_offset, to_offset, reason, found_at }) => ({
    topic,
    partition,
    gap: {
      reason,
      from: Number(from_offset),
      to: to_offset === null ? undefined : Number(to_offset),
      at: found_at.getTime(),
    },
  }));
}

/** SQLSTATE lock_not_available: a claim has waited too long. */
export const lockNotAvailable = '55P03';

/**
 * Ends sessions of this sink that keep rows locked while the server waits for their client. The client's process is frozen,
 * or its network is broken. `idle_in_transaction_session_timeout` does not end sessions in the middle of a COPY.
 * @returns the number of sessions
 */
export async function endFrozenSessions(client: ClientBase): Promise<number> {
  const { rowCount } = await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
        AND application_name = current_setting('application_name')
        AND wait_event = 'ClientRead' AND xact_start < now() - interval '5 s'`,
  );
  return rowCount ?? 0;
}

/** Moves the positions. @returns false when a position is not at `from` or its claim is older: the caller must roll back */
export async function advancePositions(
  client: ClientBase,
  sink: string,
  advances: readonly Advance[],
): Promise<boolean> {
  const result = await client.query(
    `UPDATE castwatch.sink_offsets s SET next_offset = b.until, updated_at = now()
             FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[]) AS b (topic, partition, since, until, epoch)
            WHERE s.sink = $1 AND s.topic = b.topic AND s.partition = b.partition
              AND s.next_offset = b.since AND s.epoch = b.epoch`,
    [
      sink,
      advances.map(({ topic }) => topic),
      advances.map(({ partition }) => partition),
      advances.map(({ from }) => from),
      advances.map(({ to }) => to),
      advances.map(({ epoch }) => epoch),
    ],
  );
  return result.rowCount === advances.length;
}

/** Reads the current positions, sorted by topic and partition. */
export async function readPositions(database: ClientBase | Pool, sink: string): Promise<Claim[]> {
  const { rows } = await database.query<PositionRow>(
    `SELECT topic, partition, next_offset, epoch, topic_id FROM castwatch.sink_offsets
      WHERE sink = $1 ORDER BY topic, partition`,
    [sink],
  );
  return rows.map(toClaim);
}
