import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '../../../models/data/labelled-dataset.ts';
import { defaultSettings, readSettings, writeSettings } from '../../../models/training/settings.ts';
import { planJudgement } from '../../../models/data/plan.ts';
import { SeededRandom } from '../../../base/random.ts';
import { readTrials, type Trial } from '../../../models/training/trials.ts';
import { searchSettings } from '../../../models/training/search.ts';
import { lstmSpace, pointOf, settingsAt, xgboostSpace } from '../../../models/training/search-space.ts';
import { propose } from '../../../models/training/tpe.ts';
import { CastwatchError } from '../../../base/errors.ts';
import { smallDataset, smallEffort, smallPlant } from '../small-plant.ts';

const effort = { ...smallEffort, rounds: 12, epochs: 1 };

describe('the space that is searched', () => {
  it('maps settings to the unit cube and back', () => {
    for (const [space, settings] of [
      [xgboostSpace, defaultSettings.xgboost],
      [lstmSpace, defaultSettings.lstm],
    ] as const) {
      const names = space.map(({ name }) => name);
      const there = pointOf<string>(space, { ...settings });
      const back = settingsAt<string>(space, there);
      const picked = Object.fromEntries(
        Object.entries(settings).filter(([name]) => names.includes(name as never)),
      );
      assert.deepEqual(back, picked);
      for (const corner of [0, 1]) {
        const point = space.map(() => corner);
        assert.deepEqual(pointOf<string>(space, settingsAt<string>(space, point)), point);
      }
    }
  });
});

describe('the Parzen estimator', () => {
  /** The best of a number of trials on a hill at (0.2, 0.7). */
  function best(trials: number, seed: number, informed: boolean): number {
    const random = new SeededRandom(seed, 'hill');
    const tried: { point: number[]; score: number }[] = [];
    for (let i = 0; i < trials; i += 1) {
      const point = propose(informed ? tried : [], 2, random);
      const [x = 0, y = 0] = point;
      tried.push({ point, score: -((x - 0.2) ** 2) - (y - 0.7) ** 2 });
    }
    return Math.max(...tried.map(({ score }) => score));
  }

  it('comes nearer to the top, on average, than the same number of random draws', () => {
    const seeds = Array.from({ length: 40 }, (_, seed) => seed);
    const mean = (informed: boolean) =>
      seeds.reduce((sum, seed) => sum + best(40, seed, informed), 0) / seeds.length;
    assert.ok(mean(true) > 0.6 * mean(false), `${mean(true)} against ${mean(false)}`);
  });
});

describe('a search', () => {
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-search-'));
  let dataset: Dataset;
  before(async () => {
    dataset = await smallDataset(9, 12);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (file: string, trials: number, until = Infinity) =>
    searchSettings({
      dataset,
      plan: planJudgement(smallPlant, dataset, effort.folds),
      effort,
      seed: 3,
      settings: defaultSettings,
      file,
      until,
      trials,
    });
  const linesOf = (file: string): Trial[] =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => ({ ...(JSON.parse(line) as Trial), seconds: 0 }));
  const byMember = (lines: Trial[]) => lines.toSorted((a, b) => a.member.localeCompare(b.member));

  it('records every trial, begins with the present settings, and takes the best', async function () {
    this.timeout(60_000);
    const file = join(folder, 'once.jsonl');
    const found = await run(file, 5);
    const lines = linesOf(file);
    for (const member of ['xgboost', 'lstm'] as const) {
      const mine = lines.filter((trial) => trial.member === member);
      assert.deepEqual(
        mine.map(({ number }) => number),
        [0, 1, 2, 3, 4],
      );
      assert.deepEqual(mine[0]?.settings, defaultSettings[member]);
      const top = mine.filter(({ pruned }) => !pruned).toSorted((a, b) => b.score - a.score)[0];
      assert.deepEqual(found[member], top?.settings);
      for (const { folds, pruned } of mine) assert.ok(pruned ? folds.length < 3 : folds.length === 3);
    }
  });

  it('continues after an interruption, even with an incomplete line, as if there had been none', async function () {
    this.timeout(60_000);
    const file = join(folder, 'broken.jsonl');
    await run(file, 2);
    appendFileSync(file, '{"search":"');
    appendFileSync(file, '\n');
    const found = await run(file, 5);
    const whole = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.length > 20);
    writeFileSync(file, `${whole.join('\n')}\n`);
    assert.deepEqual(byMember(linesOf(file)), byMember(linesOf(join(folder, 'once.jsonl'))));
    assert.deepEqual(found, await run(join(folder, 'once.jsonl'), 5));
  });

  it('keeps the present settings when the time is up at once', async () => {
    const file = join(folder, 'none.jsonl');
    assert.deepEqual(await run(file, 5, 0), defaultSettings);
    assert.deepEqual(readTrials(file, 'any'), []);
  });

  it('writes settings that training reads again; invalid settings are refused', () => {
    assert.deepEqual(readSettings(folder), defaultSettings);
    const found = { ...defaultSettings, lstm: { ...defaultSettings.lstm, hidden: 24 } };
    writeSettings(folder, found);
    assert.deepEqual(readSettings(folder), found);
    writeFileSync(join(folder, 'settings.json'), '{"xgboost":{}}');
    assert.throws(
      () => readSettings(folder),
      (error) =>
        error instanceof CastwatchError && error.code === 'MODEL' && /settings.json/.test(error.message),
    );
  });
});
