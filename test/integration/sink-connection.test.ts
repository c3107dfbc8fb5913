import assert from 'node:assert/strict';
import type { Pool } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { openPool } from '../../roles/connections.ts';
import { claimPartitions } from '../../sinks/timescale/writing/claiming.ts';
import { mostConnections, sinkPool } from '../../sinks/timescale/database-connection.ts';
import { migrate } from '../../sinks/timescale/migrate.ts';
import { advancePositions, claim } from '../../sinks/timescale/writing/positions.ts';
import { begin } from '../../sinks/timescale/writing/store-batch.ts';
import { Waiting } from '../../sinks/timescale/writing/waiting.ts';
import { MemoryBroker, MemoryTransport, silentLog } from '../../stream/index.ts';
import { uniqueDatabase } from '../support/stack.ts';

describe('the connection of a sink', function () {
  this.timeout(60_000);

  const poolOf = (databaseUrl: string): Pool =>
    sinkPool({ databaseUrl, sink: 'test', connections: mostConnections, onError: () => undefined });

  /** The server ends a transaction that was idle for too long, for example of a sink that was frozen. */
  it('may be closed by the server between two statements of a transaction without ending the process', async () => {
    const databaseUrl = await uniqueDatabase();
    const pool = poolOf(databaseUrl);
    const server = openPool(databaseUrl);
    try {
      const client = await pool.connect();
      await client.query('BEGIN');
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const ended = new Promise<void>((resolve) => client.once('end', resolve));
      await server.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await ended;
      await assert.rejects(client.query('COMMIT'));
      client.release(true);
      const again = await pool.query<{ one: number }>('SELECT 1 AS one');
      assert.equal(again.rows[0]?.one, 1);
    } finally {
      await pool.end();
      await server.end();
    }
  });

  it('does not block the next owner of a partition when its process is paused in the middle of a COPY', async () => {
    const databaseUrl = await uniqueDatabase();
    await migrate({ databaseUrl });
    const source = { topic: 'predictions.v1', partition: 0 };
    const frozen = poolOf(databaseUrl);
    const heir = poolOf(databaseUrl);
    const leaving = new AbortController();
    try {
      const client = await frozen.connect();
      const [claimed] = await claim(client, 'test', [{ ...source, start: 0 }]);
      await client.query(begin);
      await advancePositions(client, 'test', [{ ...source, from: 0, to: 5, epoch: claimed?.epoch ?? 0 }]);
      // The server waits for rows that never come, although the connection works.
      const copy = client.query(copyFrom('COPY castwatch.quality_labels FROM STDIN'));
      copy.on('error', () => undefined);
      const broker = new MemoryBroker();
      broker.createTopic(source.topic, 1);
      const taken = await claimPartitions([source], {
        pool: heir,
        transport: new MemoryTransport(broker),
        sink: 'test',
        log: silentLog,
        waiting: new Waiting(silentLog, {}, leaving.signal),
        leaving: leaving.signal,
        onGap: () => assert.fail('nothing is missing'),
      });
      const topicId = broker.describe(source.topic)?.id;
      assert.deepEqual(taken, [{ source, topicId, epoch: (claimed?.epoch ?? 0) + 1, stored: 0, from: 0 }]);
      client.release(true);
    } finally {
      leaving.abort();
      await Promise.all([frozen.end(), heir.end()]);
    }
  });
});
