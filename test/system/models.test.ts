import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { openRegistry } from '../../roles/open-registry.ts';
import { loadBundle } from '../../models/bundle/bundle.ts';
import { writeChampion } from '../../models/bundle/champion-file.ts';
import { describeBundle } from '../../models/bundle/places.ts';
import { train } from '../../models/training/train-bundle.ts';
import { assetPath } from '../../processes/plant.ts';
import { smallDataset, smallEffort, smallPlant, smallText } from '../models/small-plant.ts';
import { startPipeline, type Pipeline } from '../support/pipeline.ts';
import { assertReconciled } from '../support/reconciled.ts';
import { waitFor } from '../support/wait.ts';
import { smallSource } from '../support/small-source.ts';

const run = promisify(execFile);
const project = join(import.meta.dirname, '../..');

describe('models, from training to rollback', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-models-'));
  const modelsFolder = join(folder, 'models');
  const definitionFile = join(folder, 'small.yaml');
  const asset = assetPath(smallPlant, 'c0');
  let pipeline: Pipeline;
  let first: string;
  let second: string;

  before(async () => {
    writeFileSync(definitionFile, smallText);
    const out = join(modelsFolder, 'small');
    mkdirSync(out, { recursive: true });
    const dataset = await smallDataset();
    const made = async (seed: number): Promise<string> => {
      const effort = { ...smallEffort, rounds: 16, epochs: 2 };
      return basename((await train({ definition: smallPlant, dataset, out, seed, effort })).folder);
    };
    first = await made(4);
    second = await made(5);
    assert.notEqual(first, second);
    writeChampion(out, first);
    pipeline = await startPipeline({ process: definitionFile, modelsFolder });
  });
  after(async () => {
    isEnough = true;
    await pipeline.stop();
    rmSync(folder, { recursive: true });
  });

  /** The real command, beside the running pipeline. */
  async function models(...args: string[]): Promise<unknown> {
    const [name = '', ...rest] = args;
    const words = ['cli/castwatch.ts', 'models', name, ...rest, '--process', definitionFile, '--json'];
    const { stdout } = await run(process.execPath, words, {
      cwd: project,
      env: { ...process.env, ...pipeline.env, LOG_LEVEL: 'warn' },
    });
    return JSON.parse(stdout);
  }

  const answered = async (bundle: string, entry: number): Promise<boolean> => {
    const { rowCount } = await pipeline.pool.query(
      'SELECT FROM castwatch.predictions WHERE bundle = $1 AND model_entry = $2 LIMIT 1',
      [bundle, entry],
    );
    return rowCount === 1;
  };

  const shadowed = async (bundle: string): Promise<boolean> => {
    const { rowCount } = await pipeline.pool.query(
      'SELECT FROM castwatch.shadow_predictions WHERE bundle = $1 LIMIT 1',
      [bundle],
    );
    return rowCount === 1;
  };

  /** Load for as long as it is needed, however slow the machine is. */
  let isEnough = false;
  let published = 0;
  async function publishUntilEnough(): Promise<void> {
    for (; !isEnough; published += 5)
      await pipeline.publish(
        smallSource({ cells: 2, minutes: 5, seed: 7 + published, after: published }),
        60,
      );
  }

  /** Who answered the asset, in order of event time, neighbours taken as one. */
  async function reigns(): Promise<readonly string[]> {
    const { rows } = await pipeline.pool.query<{ who: string; before: string | null }>(
      `SELECT bundle || ' ' || model_entry AS who,
              lag(bundle || ' ' || model_entry) OVER (ORDER BY event_time) AS before
         FROM castwatch.predictions WHERE asset = $1 ORDER BY event_time`,
      [asset],
    );
    return rows.filter(({ who, before }) => who !== before).map(({ who }) => who);
  }

  it('serves the default, swaps under load, refuses a damaged bundle, rolls back, and says who did what', async () => {
    await pipeline.role('process', 'process', '--process', definitionFile);
    await pipeline.role('sink', 'sink');
    const publishing = publishUntilEnough();

    await waitFor(() => answered(first, 1), 'the default to answer', 60_000);
    // A short training makes bundles that are worse than the baselines.
    await assert.rejects(
      models('promote', second, '--why', 'x'),
      /may not become champion: PR-AUC .* is worse than/,
    );
    await models('promote', second, '--force', '--why', 'fewer misses', '--by', 'Ada');
    await waitFor(() => answered(second, 2), 'the promoted one to answer', 30_000);

    // As a person with rights to the topic might, past the command's own checks.
    const damaged = join(modelsFolder, 'small', 'damaged');
    cpSync(join(modelsFolder, 'small', first), damaged, { recursive: true });
    const described = describeBundle(loadBundle(damaged), modelsFolder);
    appendFileSync(join(damaged, 'lstm.onnx'), 'x');
    const bad = { ...described, by: 'Mallory', why: 'to see', restores: null };
    await openRegistry(pipeline.kafka).add('small', () => [{ ...bad, role: 'CHAMPION', action: 'PROMOTED' }]);
    const refusal = await waitFor(
      async () => {
        const { rows } = await pipeline.pool.query<{ reason: string }>(
          "SELECT reason FROM castwatch.model_events WHERE kind = 'REFUSED' AND sequence = 3",
        );
        return rows[0]?.reason;
      },
      'the damaged one to be refused',
      30_000,
    );
    assert.match(refusal, /lstm\.onnx was altered: its SHA-256 is not the one in the manifest/);

    await models('rollback', '--why', 'Mallory was here', '--by', 'Ada');
    await models('challenger', first, '--why', 'to be compared', '--by', 'Ada');
    await waitFor(() => shadowed(first), 'the challenger to answer', 30_000);
    await models('rollback', '--why', 'false alarms at night', '--by', 'Eve');
    await waitFor(() => answered(first, 6), 'the first one to answer again', 30_000);
    isEnough = true;
    await publishing;

    const result = await pipeline.settleAndReconcile();
    assertReconciled(result);
    assert.equal(result.predictions, result.features);
    assert.ok(result.shadowPredictions > 0 && result.shadowPredictions < result.predictions);
    assert.deepEqual(await reigns(), [`${first} 1`, `${second} 2`, `${second} 4`, `${first} 6`]);
  });

  it('says afterwards which model was live at a time, who promoted it, and why', async () => {
    const { rows } = await pipeline.pool.query<{ time: string }>(
      `SELECT to_char(min(event_time) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS time
         FROM castwatch.predictions WHERE asset = $1 AND model_entry = 2`,
      [asset],
    );
    const told = (await models('live', '--asset', asset, '--at', rows[0]?.time ?? '')) as Record<
      string,
      unknown
    >;
    assert.deepEqual([told['bundle'], told['sequence'], told['by']], [second, 2, 'Ada']);
    assert.match(String(told['why']), /^fewer misses \(forced although PR-AUC .* is worse than /);
    const history = (await models('history')) as { sequence: number; by: string; bundle: string }[];
    assert.deepEqual(
      history.map(({ sequence, by, bundle }) => [sequence, by, bundle]),
      [
        [1, 'castwatch', first],
        [2, 'Ada', second],
        [3, 'Mallory', first],
        [4, 'Ada', second],
        [5, 'Ada', first],
        [6, 'Eve', first],
        [7, 'Eve', ''],
      ],
    );
    const { bundles, missing } = (await models('list')) as {
      bundles: { bundle: string; roles: string[]; figures: { rocAuc: number; rows: number } }[];
      missing: unknown[];
    };
    assert.deepEqual(missing, []);
    for (const { figures } of bundles) assert.ok(figures.rocAuc > 0.7 && figures.rows > 1_000);
    const rolesOf = Object.fromEntries(bundles.map(({ bundle, roles }) => [bundle, roles]));
    assert.deepEqual(rolesOf[first], ['CHAMPION']);
    assert.deepEqual(rolesOf[second], []);
    const shown = (await models('show')) as { bundle: string; history: unknown[] };
    assert.deepEqual([shown.bundle, shown.history.length], [first, 4]);
    // The default, and what can be rolled back to, stay.
    assert.deepEqual(await models('gc', '--dry-run'), { removed: [], dryRun: true });
    const stored = await pipeline.pool.query('SELECT FROM castwatch.models');
    assert.equal(stored.rowCount, history.length);
  });

  it('compares champion and challenger on the rows that both answered and that have labels', async () => {
    await models('challenger', second, '--why', 'once more', '--by', 'Ada');
    // Before the rows that are compared: until it answers, the champion answers alone.
    isEnough = false;
    const publishing = publishUntilEnough();
    await waitFor(() => shadowed(second), 'the second one to answer as challenger', 30_000);
    isEnough = true;
    await publishing;
    await pipeline.publish(smallSource({ cells: 2, minutes: 60, seed: 6, after: published }));
    await pipeline.settleAndReconcile();
    const [result] = (await models('compare')) as {
      rows: number;
      comparison: { champion: { rocAuc: number }; candidate: { rocAuc: number } };
    }[];
    assert.ok((result?.rows ?? 0) > 200, String(result?.rows));
    assert.ok((result?.comparison.candidate.rocAuc ?? 0) > 0.7);
    assert.ok((result?.comparison.champion.rocAuc ?? 0) > 0.7);
  });

  it('says what is wrong, and exits with a status that says so', async () => {
    const failing = async (...args: string[]) => {
      const error = await models(...args).then(
        () => undefined,
        (thrown: unknown) => thrown as { code: number; stderr: string },
      );
      return [error?.code, error?.stderr] as const;
    };
    const [unknown, says] = await failing('promote', 'nothing', '--why', 'x');
    assert.equal(unknown, 65);
    assert.match(says ?? '', /there is no bundle nothing/);
    const [already] = await failing('promote', first, '--why', 'x');
    assert.equal(already, 65);
    const [silent, asks] = await failing('promote', second);
    assert.equal(silent, 64);
    assert.match(asks ?? '', /--why/);
    const [nobody] = await failing('live', '--asset', 'no/such/asset');
    assert.equal(nobody, 65);
  });
});
