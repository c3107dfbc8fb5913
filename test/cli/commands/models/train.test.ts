/** The real command `train --promote` on histories that no model may be promoted from. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '../../../../base/random.ts';
import { seed } from '../../../support/seed.ts';

const project = join(import.meta.dirname, '../../../..');

const definition = `
process: oven
title: Oven
hierarchy: { enterprise: E, site: S, area: A, line: L }
cells: [o1]
time: { period: 10s, grace: 0s, ahead: 10s }
tags:
  - { id: Heat, title: heat, unit: °C, range: [-100, 100], normal: [-3, 3] }
  - { id: Draught, title: draught, unit: Pa, range: [-100, 100], normal: [-3, 3], required: false }
features: { hop: 10s, windows: { w: 20s }, rules: [{ tags: '*', windows: [w], statistics: [mean] }] }
target: { id: crack, title: a crack, about: time, minCompleteness: 0, cost: { miss: 5, falseAlarm: 1 } }
csv: { time: { column: time, format: datetime }, cell: o1, label: crack }
`;

describe('castwatch train --promote', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-cli-train-'));
  const file = join(folder, 'oven.yaml');
  const history = join(folder, 'history.csv');
  const championFile = join(folder, 'models/oven/champion.json');

  before(() => {
    writeFileSync(file, definition);
    writeFileSync(history, onlyEarlyCracks());
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const train = (...words: string[]) =>
    spawnSync(
      process.execPath,
      ['cli/castwatch.ts', 'train', '--process', file, '--file', history, '--promote', ...words],
      {
        cwd: project,
        encoding: 'utf8',
        env: { ...process.env, CASTWATCH_MODELS_DIR: join(folder, 'models'), CASTWATCH_TIMEZONE: 'UTC' },
      },
    );

  it('refuses the promotion with each figure and the remedy, ends with 65, and keeps the bundle', () => {
    const { status, stdout, stderr } = train();
    assert.equal(status, 65, stderr);
    assert.match(
      stderr,
      /may not become champion: .*ROC-AUC.*: not a number, because 0 of the \d+ held-out rows/,
    );
    assert.match(stderr, /no training row has a value of Draught/);
    assert.match(stderr, /Train on a longer history.*--force --why 'REASON'/s);
    assert.match(stdout, /ROC-AUC is not a number/);
    assert.equal(existsSync(championFile), false);
    assert.equal(
      readdirSync(join(folder, 'models/oven')).filter((name) => name.startsWith('oven-')).length,
      1,
    );
  });

  it('is forced only with a reason, and writes it down with what was refused', () => {
    assert.equal(train('--force').status, 64);
    const { status, stdout, stderr } = train('--force', '--why', 'to see the screens', '--json');
    assert.equal(status, 0, stderr);
    assert.equal((JSON.parse(stdout) as { promoted: boolean }).promoted, true);
    const { why } = JSON.parse(readFileSync(championFile, 'utf8')) as { why: string };
    assert.match(why, /^to see the screens \(forced although .*ROC-AUC.*not a number/);
  });
});

/** Six hours of one oven: cracks in the first half only, and a tag that the file does not have. */
function onlyEarlyCracks(): string {
  const random = new SeededRandom(seed, 'oven');
  const rows = Array.from({ length: 6 * 360 }, (_, index) => {
    const time = new Date(Date.UTC(2026, 0, 1) + index * 10_000);
    const isCrack = index < 1_080 && index % 60 < 10;
    const text = time.toISOString().slice(0, 19).replace('T', ' ');
    return `${text},${(isCrack ? 2 : 0) + random.normal()},${isCrack ? 1 : 0}`;
  });
  return ['time,Heat,crack', ...rows, ''].join('\n');
}
