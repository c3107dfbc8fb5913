/** A real primary and its replica: the replica is promoted while the sink stores. */
import assert from 'node:assert/strict';
import { appendFile, chown, cp, mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TcpLink } from '../../bench/chaos/rig/link.ts';
import { startLocalStack, type LocalStack } from '../../local/stack.ts';
import { migrate } from '../../sinks/timescale/migrate.ts';
import type { TimescaleSink } from '../../sinks/timescale/writing/sink.ts';
import { createLogger } from '../../telemetry/log.ts';
import { withPool } from '../sinks/support/databases.ts';
import { Plant, until } from '../sinks/support/plant.ts';
import { makeRecords } from '../sinks/support/records.ts';
import { discardStack } from '../support/stack.ts';

const databaseOnly = (dataDir: string): Promise<LocalStack> =>
  startLocalStack({
    dataDir,
    log: createLogger('test', process.env['LOG_LEVEL'] ?? 'warn'),
    only: ['database'],
    shortLived: true,
  });

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'castwatch-fail-over-'));

/** A copy of the stopped primary that follows it once both run. */
async function copyAsReplica(primary: LocalStack): Promise<string> {
  const dataDir = await newFolder();
  const from = join(primary.dataDir, 'postgres');
  await cp(join(primary.dataDir, 'database-password'), join(dataDir, 'database-password'));
  const files = join(dataDir, 'postgres');
  await cp(from, files, { recursive: true, preserveTimestamps: true });
  const { uid, gid } = await stat(from);
  const { hostname, port, username, password } = new URL(primary.databaseUrl);
  await writeFile(join(files, 'standby.signal'), '');
  await appendFile(
    join(files, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=${hostname} port=${port} user=${username} password=${password}'\n`,
  );
  await giveTo(files, uid, gid);
  return dataDir;
}

async function giveTo(folder: string, uid: number, gid: number): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) await chown(join(folder, name), uid, gid);
  await chown(folder, uid, gid);
}

describe('fail-over of PostgreSQL', function () {
  this.timeout(120_000);
  let primary: LocalStack;
  let replica: LocalStack;
  let link: TcpLink;
  let sink: TimescaleSink | undefined;

  before(async () => {
    primary = await databaseOnly(await newFolder());
    await primary.stopPart('database');
    const copy = await copyAsReplica(primary);
    await primary.start('database');
    replica = await databaseOnly(copy);
    link = await TcpLink.open();
    link.leadTo(Number(new URL(primary.databaseUrl).port));
  });
  after(async () => {
    await sink?.stop();
    await link.close();
    await discardStack(replica);
    await discardStack(primary);
  });

  it('goes on with the new primary, though the old one still answers and is read-only', async () => {
    await migrate({ databaseUrl: primary.databaseUrl });
    const byLink = new URL(primary.databaseUrl);
    byLink.port = String(link.port);
    const plant = new Plant({ load: 'copy' }, byLink.href);
    const running = (sink = await plant.sink({ topics: ['features'] }));
    const records = makeRecords('features', 0, 3_000);
    await plant.publish(records.slice(0, 1_000));
    await plant.caughtUp(running, ['features']);

    const publishing = (async () => {
      for (let at = 1_000; at < 2_000; at += 100) {
        await plant.publish(records.slice(at, at + 100));
        await new Promise(setImmediate);
      }
    })();
    // As a cluster manager fences the old primary: it refuses to write, and keeps its connections.
    const fenced = await withPool(primary.databaseUrl, async (pool) => {
      await pool.query('ALTER SYSTEM SET default_transaction_read_only = on');
      await pool.query('SELECT pg_reload_conf()');
      await until('the fence', async () => {
        const { rows } = await pool.query<{ on: boolean }>(
          `SELECT current_setting('default_transaction_read_only') = 'on' AS on`,
        );
        return rows[0]?.on === true;
      });
      await publishing;
      await plant.publish(records.slice(2_000));
      await until('a refusal', () => running.health().problems.length > 0);
      const { rows } = await pool.query<{ lsn: string }>('SELECT pg_current_wal_lsn() AS lsn');
      return rows[0]?.lsn;
    });
    await withPool(replica.databaseUrl, async (pool) => {
      await until('the replica to have everything', async () => {
        const { rows } = await pool.query<{ has: boolean }>('SELECT pg_last_wal_replay_lsn() >= $1 AS has', [
          fenced,
        ]);
        return rows[0]?.has === true;
      });
      await pool.query('SELECT pg_promote()');
    });
    link.leadTo(Number(new URL(replica.databaseUrl).port));
    await plant.caughtUp(running, ['features']);
    await running.stop();
    await plant.assertStored(records);
    const { rows } = await withPool(replica.databaseUrl, (pool) =>
      pool.query<{ count: string }>('SELECT count(*) FROM castwatch.features'),
    );
    assert.equal(Number(rows[0]?.count), records.length);
  });
});
