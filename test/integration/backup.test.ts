/** The commands of docs/operations.md that back a database up and restore it, on real servers, as they are written there. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { storedTopics } from '../../schemas/catalogue.ts';
import { migrate } from '../../sinks/timescale/migrate.ts';
import { withPool } from '../sinks/support/databases.ts';
import { Plant } from '../sinks/support/plant.ts';
import { makeRecords, type SinkRecord } from '../sinks/support/records.ts';
import { project } from '../docs/commands.ts';
import { installedPostgres, startInstalled, type InstalledServer } from '../support/installed-postgres.ts';

const run = promisify(execFile);

/** The lines of the two blocks under "Back up": for a plain server, and for TimescaleDB. */
function documentedLines(): readonly (readonly string[])[] {
  const [, section = ''] = readFileSync(join(project, 'docs/operations.md'), 'utf8').split('\n## Back up\n');
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/```sh\n([^`]*)```/g)].map(([, block = '']) => block.trim().split('\n'));
}

const recordsOf = (from: number, to: number): SinkRecord[] =>
  storedTopics.flatMap((topic): SinkRecord[] => makeRecords(topic, from, to));

/** Of each table and view of our schema: the number of its rows, and a checksum of them. */
const contentsOf = (databaseUrl: string): Promise<unknown> =>
  withPool(databaseUrl, async (pool) => {
    const { rows } = await pool.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class
        WHERE relnamespace = 'castwatch'::regnamespace AND relkind IN ('r', 'v') ORDER BY 1`,
    );
    const contents: Record<string, unknown> = {};
    for (const { name } of rows)
      contents[name] = (
        await pool.query(
          `SELECT count(*)::int AS rows, md5(string_agg(t::text, ' ' ORDER BY t::text COLLATE "C")) AS sum
             FROM castwatch."${name}" AS t`,
        )
      ).rows[0];
    return contents;
  });

for (const [index, kind] of (['plain', 'timescaledb'] as const).entries())
  describe(`a backup of a database (${kind})`, function () {
    this.timeout(180_000);
    let old: InstalledServer;
    let fresh: InstalledServer;
    let folder: string;
    const made: (() => Promise<void>)[] = [];

    before(async function () {
      const installed = await installedPostgres(this, kind === 'timescaledb');
      [old, fresh] = await Promise.all([startInstalled(installed), startInstalled(installed)]);
      folder = await mkdtemp(join(tmpdir(), 'castwatch-backup-'));
      made.push(
        () => old.stop(),
        () => fresh.stop(),
        () => rm(folder, { recursive: true }),
      );
    });
    after(async () => {
      for (const end of made) await end();
    });

    /** Runs a line as a person does: the first on the old server, the others on the new one. */
    async function follow(line: string): Promise<void> {
      const { env } = line.startsWith('pg_dump') ? old : fresh;
      const command = line.replace(
        'npm run castwatch --',
        `"${process.execPath}" "${project}/cli/castwatch.ts"`,
      );
      await run('bash', ['-euo', 'pipefail', '-c', command], { cwd: folder, env });
    }

    it('restores all tables, views, rights and positions, and the sink goes on where the positions say', async () => {
      await run('createdb', ['castwatch'], { env: old.env });
      const migrated = await migrate({ databaseUrl: old.databaseUrl });
      assert.equal(migrated.kind, kind);
      const plant = new Plant({ load: 'copy' }, old.databaseUrl);
      const before = recordsOf(0, 60);
      await plant.publish(before);
      const first = await plant.sink();
      await plant.caughtUp(first);
      await first.stop();
      await plant.assertStored(before);
      if (kind === 'timescaledb')
        for (const view of ['readings_1m', 'predictions_5m'])
          await withPool(old.databaseUrl, (pool) =>
            pool.query(`CALL refresh_continuous_aggregate('castwatch.${view}', NULL, NULL)`),
          );
      const kept = await contentsOf(old.databaseUrl);

      for (const line of documentedLines()[index] ?? []) await follow(line);

      assert.deepEqual(await contentsOf(fresh.databaseUrl), kept);
      const readable = await withPool(fresh.databaseUrl, async (pool) => {
        await pool.query('SET ROLE castwatch_reader');
        return pool.query('SELECT FROM castwatch.readings_1m LIMIT 1');
      });
      assert.equal(readable.rowCount, 1);

      const later = recordsOf(60, 80);
      await plant.publish(later);
      let stored = 0;
      const second = await plant.sink({
        databaseUrl: fresh.databaseUrl,
        observer: { stored: ({ records }) => (stored += records) },
      });
      await plant.caughtUp(second);
      await second.stop();
      assert.equal(stored, later.length);
      assert.equal(plant.deadLetters().length, 0);
      await new Plant({ load: 'copy' }, fresh.databaseUrl).assertStored([...before, ...later]);
    });
  });
