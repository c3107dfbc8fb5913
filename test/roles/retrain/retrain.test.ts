/** Retraining on a real database: it gives the reason, assigns a challenger, and runs once at a time. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openRegistry } from '../../../roles/open-registry.ts';
import { withLock } from '../../../roles/retrain/training-lock.ts';
import { retrain, type RetrainOptions } from '../../../roles/retrain/retrain.ts';
import { loadBundle } from '../../../models/bundle/bundle.ts';
import { promote } from '../../../models/registry/decisions.ts';
import { holder } from '../../../models/registry/entries.ts';
import { describeBundle } from '../../../models/bundle/places.ts';
import { train } from '../../../models/training/train-bundle.ts';
import { topicIds, topicNames } from '../../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../../schemas/registry/serde.ts';
import { loadRows } from '../../../sinks/timescale/writing/load-rows.ts';
import { migrate } from '../../../sinks/timescale/migrate.ts';
import { tables } from '../../../sinks/timescale/tables/tables.ts';
import { MemoryBroker, MemoryTransport } from '../../../stream/index.ts';
import { history, smallDataset, smallEffort, smallPlant } from '../../models/small-plant.ts';
import { startPostgres, type TestServer } from '../../sinks/support/databases.ts';

describe('retrain, on PostgreSQL', function () {
  this.timeout(240_000);
  const modelsFolder = mkdtempSync(join(tmpdir(), 'castwatch-retrain-'));
  const effort = { ...smallEffort, rounds: 16, epochs: 1 };
  const topics = topicNames();
  const serde = serdeWithoutRegistry();
  let server: TestServer;
  let pool: pg.Pool;
  let options: RetrainOptions;
  let champion: string;

  before(async () => {
    server = await startPostgres();
    const databaseUrl = await server.createDatabase();
    await migrate({ databaseUrl });
    pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
    pool.on('error', () => undefined);

    const broker = new MemoryBroker();
    for (const id of topicIds) broker.createTopic(topics[id], 2);
    const transport = new MemoryTransport(broker);
    const producer = await transport.producer();
    for (const batch of history(9, 25, 2))
      for (const { topic, value, timestamp } of batch) {
        if (value === null) continue;
        const bytes = serde.codec(topic).encode(value);
        await producer.send([{ topic: topics[topic], key: value.asset, value: bytes, timestamp }]);
      }

    const first = await train({
      definition: smallPlant,
      dataset: await smallDataset(),
      out: join(modelsFolder, 'small'),
      seed: 1,
      effort,
    });
    const kafka = { transport, serde, topics };
    options = { kafka, pool, definition: smallPlant, modelsFolder, seed: 1, effort };
    const bundle = loadBundle(first.folder);
    champion = bundle.manifest.bundle;
    const decision = { by: 'test', why: 'the first' };
    await promote(openRegistry(kafka), 'small', describeBundle(bundle, modelsFolder), decision, () => []);
    // the plant's clock, so that the champion is not old
    await drifted(0.1, Date.parse(bundle.manifest.training.until));
    await pool.query(
      `INSERT INTO castwatch.predictions (asset, event_time, target, status, threshold, bundle, feature_set, completeness, models, contributions, piece, published_at, model_entry)
       VALUES ('a', $1, 'defect', 'OK', 0.1, $2, 'f', 1, '[]', '[]', '{}', now(), 1)`,
      [bundle.manifest.training.until, champion],
    );
  });
  after(async () => {
    await pool.end();
    await server.stop();
    rmSync(modelsFolder, { recursive: true });
  });

  /** Three reports of one asset, the last at `until`. */
  async function drifted(score: number, until: number): Promise<void> {
    const client = await pool.connect();
    const rows = [0, 1, 2].flatMap((back) =>
      tables.drift.rows(
        {
          asset: 'E/S/A/L/c1',
          eventTime: until - back * 3_600_000,
          from: until - 86_400_000,
          bundle: champion,
          featureSet: 'f',
          rows: 5_000,
          chance: 0.01,
          status: 'OK',
          reason: null,
          score,
          worst: score,
          drifted: 1,
          psi: [score],
          strongest: [
            {
              feature: 'Level.mean.short',
              psi: score,
              text: 'level: 31 % of values above 2 mm, usually 10 %',
            },
          ],
        },
        0,
      ),
    );
    await loadRows(client, tables.drift, rows, 'insert');
    client.release();
  }

  const entries = () => openRegistry(options.kafka).entries('small');

  it('trains nothing without a reason', async () => {
    const result = await retrain(options);
    assert.equal(result.outcome, 'not-needed');
    assert.match(result.why, /no asset has 3 consecutive drift reports/);
    assert.equal((await entries()).length, 1);
  });

  it('trains one challenger when drift requires it, even with several calls at once, and promotes nothing', async () => {
    await drifted(0.6, Date.UTC(2026, 0, 20));
    const told: string[] = [];
    const ask = () =>
      retrain({
        ...options,
        onStart: (why) => {
          told.push(why);
        },
      });
    const results = await Promise.all([ask(), ask(), ask()]);
    assert.deepEqual(results.map(({ outcome }) => outcome).sort(), ['busy', 'busy', 'trained']);
    assert.equal(told.length, 1);
    assert.match(
      told[0] ?? '',
      /^drift: 3 consecutive reports of E\/S\/A\/L\/c1 above 0\.25, the last 0\.6 \(level: 31 %/,
    );

    const all = await entries();
    assert.equal(holder(all, 'CHAMPION')?.bundle, champion);
    const challenger = holder(all, 'CHALLENGER');
    assert.ok(challenger !== undefined && challenger.bundle !== champion);
    assert.deepEqual([challenger.why, challenger.by], [told[0], 'castwatch retrainer']);
    const trained = loadBundle(join(modelsFolder, challenger.location));
    assert.ok(trained.reference !== undefined && trained.manifest.training.assets === 9);
  });

  it('leaves the challenger to be judged, unless it is forced', async () => {
    const waiting = await retrain(options);
    assert.equal(waiting.outcome, 'not-needed');
    assert.match(waiting.why, /has been challenger for/);
    const forced = await retrain({ ...options, force: 'a new caster' });
    assert.deepEqual([forced.outcome, forced.why], ['same', 'a new caster']);
  });

  it('releases the lock when its holder dies', async () => {
    const gone = new pg.Pool({ connectionString: pool.options.connectionString, max: 2 });
    gone.on('error', () => undefined);
    gone.on('connect', (client) => {
      client.on('error', () => undefined);
    });
    const started = Promise.withResolvers<undefined>();
    const work = Promise.withResolvers<undefined>();
    const held = withLock(gone, 'x', () => {
      started.resolve(undefined);
      return work.promise;
    });
    await started.promise;
    assert.deepEqual(await withLock(pool, 'x', () => Promise.resolve(1)), { held: false });
    assert.deepEqual(await withLock(pool, 'y', () => Promise.resolve(1)), { held: true, result: 1 });
    await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()`,
    );
    let result = await withLock(pool, 'x', () => Promise.resolve(2));
    while (!result.held) result = await withLock(pool, 'x', () => Promise.resolve(2));
    assert.deepEqual(result, { held: true, result: 2 });
    work.resolve(undefined);
    await held;
    await gone.end();
  });
});
