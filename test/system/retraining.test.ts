/** An installation learns from its own past: read back from Kafka and the database, and by the retrainer role. */
import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { storedReadings } from '../../roles/stored-readings.ts';
import { databaseHistory } from '../../sources/kept/database.ts';
import { topicHistory } from '../../sources/kept/topic.ts';
import { openRegistry } from '../../roles/open-registry.ts';
import { loadBundle } from '../../models/bundle/bundle.ts';
import { writeChampion } from '../../models/bundle/champion-file.ts';
import { collectDataset } from '../../models/data/collect-dataset.ts';
import { holder, type Role } from '../../models/registry/entries.ts';
import { train } from '../../models/training/train-bundle.ts';
import { parseDefinition } from '../../processes/load.ts';
import { smallDataset, smallEffort, smallPlant, smallText } from '../models/small-plant.ts';
import { startPipeline, type Pipeline } from '../support/pipeline.ts';
import { smallSource } from '../support/small-source.ts';
import { waitFor } from '../support/wait.ts';

const run = promisify(execFile);
const project = join(import.meta.dirname, '../..');

describe('an installation that trains on its own history', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-retraining-'));
  const modelsFolder = join(folder, 'models');
  const definitionFile = join(folder, 'small.yaml');
  /** A day after what the first bundle learns from. */
  const past = smallSource({ cells: 6, minutes: 25, seed: 8, after: 24 * 60 });
  let pipeline: Pipeline;
  let champion: string;

  before(async () => {
    writeFileSync(definitionFile, `${smallText}retraining: { after: 1h }\n`);
    const out = join(modelsFolder, 'small');
    mkdirSync(out, { recursive: true });
    const effort = { ...smallEffort, rounds: 16, epochs: 1 };
    const dataset = await smallDataset();
    champion = basename((await train({ definition: smallPlant, dataset, out, seed: 4, effort })).folder);
    writeChampion(out, champion);
    pipeline = await startPipeline({ process: definitionFile, modelsFolder });
    await pipeline.role('process', 'process', '--process', definitionFile);
    await pipeline.role('sink', 'sink');
    await pipeline.publish(past);
    await pipeline.settleAndReconcile();
  });
  after(async () => {
    await pipeline.stop();
    rmSync(folder, { recursive: true });
  });

  /** The real command, beside the running pipeline. */
  const castwatch = (...words: string[]): Promise<unknown> => castwatchOn(definitionFile, ...words);
  async function castwatchOn(file: string, ...words: string[]): Promise<unknown> {
    const { stdout } = await run(
      process.execPath,
      ['cli/castwatch.ts', ...words, '--process', file, '--json'],
      { cwd: project, env: { ...process.env, ...pipeline.env, LOG_LEVEL: 'warn' } },
    );
    return JSON.parse(stdout);
  }

  const inRole = async (role: Role): Promise<string | undefined> =>
    holder(await openRegistry(pipeline.kafka).entries('small'), role)?.bundle;

  it('reads the same data from the topics, the database and the source', async () => {
    const idOf = async (records: Parameters<typeof collectDataset>[0]['records']): Promise<string> =>
      (await collectDataset({ definition: smallPlant, records })).id;
    const published = await idOf(past);
    assert.equal(await idOf(topicHistory(pipeline.kafka)), published);
    assert.equal(await idOf(databaseHistory(storedReadings(pipeline.pool), smallPlant)), published);

    for (const from of ['topic', 'db']) {
      const bundle = ['--bundle', join(modelsFolder, 'small', champion)];
      const out = ['--out', join(folder, from)];
      const judged = (await castwatch('evaluate', '--from', from, ...bundle, ...out)) as { data: string };
      assert.equal(judged.data, published, from);
    }
  });

  it('trains the same bundle by command from the topics and from the database', async () => {
    // trees alone: an LSTM at the effort of the command would take minutes
    const plain = smallText.replace(/^ {2}sequence: .*\n/m, '');
    const file = join(folder, 'plain.yaml');
    writeFileSync(file, plain);
    const { id } = await collectDataset({ definition: parseDefinition(plain, file), records: past });
    const bundles: string[] = [];
    for (const from of ['topic', 'db']) {
      const out = join(folder, `trained-from-${from}`);
      const told = (await castwatchOn(file, 'train', '--from', from, '--out', out)) as {
        bundle: string;
        data: string;
        malformed: unknown;
        promoted: boolean;
      };
      assert.deepEqual([told.data, told.malformed, told.promoted], [id, {}, false], from);
      const { manifest } = loadBundle(join(out, told.bundle));
      assert.equal(manifest.training.data, id);
      assert.deepEqual(
        manifest.members.map(({ name }) => name),
        ['xgboost'],
      );
      bundles.push(told.bundle);
    }
    assert.equal(bundles[0], bundles[1]);
  });

  it('trains a challenger from the topics when the champion is too old, and promotes nothing', async () => {
    const published = await collectDataset({ definition: smallPlant, records: past });
    await pipeline.role('retrainer', 'retrainer', '--process', definitionFile);
    const challenger = await waitFor(() => inRole('CHALLENGER'), 'a challenger', 200_000);
    assert.equal(await inRole('CHAMPION'), champion);
    const { manifest } = loadBundle(join(modelsFolder, 'small', challenger));
    assert.equal(manifest.training.data, published.id);
    const again = (await castwatch('retrain')) as { outcome: string; why: string };
    assert.equal(again.outcome, 'not-needed');
    assert.match(again.why, /has been challenger for/);
  });

  it('writes answers of a shadow, and none after the shadow was removed', async () => {
    const challenger = (await inRole('CHALLENGER')) ?? '';
    const why = ['--why', 'to be watched', '--by', 'Ada'];
    await castwatch('models', 'challenger', '--none', ...why);
    await castwatch('models', 'shadow', challenger, ...why);
    assert.deepEqual([await inRole('CHALLENGER'), await inRole('SHADOW')], [undefined, challenger]);
    const { rows: told } = await waitFor(
      async () => {
        const result = await pipeline.pool.query<{ kind: string }>(
          "SELECT kind FROM castwatch.model_events WHERE bundle = $1 AND role = 'SHADOW'",
          [challenger],
        );
        return result.rows.length > 0 && result;
      },
      'the shadow to be served',
      60_000,
    );
    assert.equal(told[0]?.kind, 'SERVING');
    await pipeline.publish(smallSource({ cells: 2, minutes: 5, seed: 9, after: 25 * 60 }));
    await pipeline.settleAndReconcile();
    const shadowed = async (): Promise<number> => {
      const { rows } = await pipeline.pool.query<{ n: number }>(
        "SELECT count(*)::int AS n FROM castwatch.shadow_predictions WHERE bundle = $1 AND role = 'SHADOW'",
        [challenger],
      );
      return rows[0]?.n ?? 0;
    };
    assert.ok((await shadowed()) > 0);

    await castwatch('models', 'shadow', '--none', ...why);
    assert.equal(await inRole('SHADOW'), undefined);
    const history = (await castwatch('models', 'history')) as { role: string; action: string }[];
    assert.deepEqual(
      history.slice(-2).map(({ role, action }) => [role, action]),
      [
        ['SHADOW', 'ASSIGNED'],
        ['SHADOW', 'CLEARED'],
      ],
    );
  });
});
