import assert from 'node:assert/strict';
import { openPool } from '../../cli/connections.ts';
import { sinkPool } from '../../sinks/timescale/database.ts';
import { uniqueDatabase } from '../support/stack.ts';

describe('the connection of a sink', function () {
  this.timeout(60_000);

  /** As the server ends a transaction that stood idle for too long, when its sink was stopped and wakes up. */
  it('may be ended by the server between two statements of a transaction without ending the process', async () => {
    const databaseUrl = await uniqueDatabase();
    const pool = sinkPool(databaseUrl, 'test', () => undefined);
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
});
