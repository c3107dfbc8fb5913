/** The set-up of a fresh clone, with a program in place of npm, because the real one would take minutes. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const project = join(import.meta.dirname, '../..');

/** Installs one of two packages, then waits until the test has seen enough. */
const slowNpm = `
import { existsSync, mkdirSync, symlinkSync, watch } from 'node:fs';
mkdirSync('node_modules/a', { recursive: true });
mkdirSync('node_modules/.bin');
const watching = watch('.', () => {
  if (!existsSync('seen')) return;
  watching.close();
  symlinkSync('/bin/true', 'node_modules/.bin/node');
});
`;

describe('the set-up', function () {
  this.timeout(30_000);
  const clone = mkdtempSync(join(tmpdir(), 'castwatch-setup-'));
  const npm = join(clone, 'npm.mjs');
  before(() => {
    mkdirSync(join(clone, 'local'));
    cpSync(join(project, 'local/setup.mjs'), join(clone, 'local/setup.mjs'));
    writeFileSync(npm, slowNpm);
    const packages = {
      '': {},
      'node_modules/a': {},
      'node_modules/b': {},
      'node_modules/b/node_modules/c': {},
    };
    writeFileSync(join(clone, 'package-lock.json'), JSON.stringify({ packages }));
  });
  after(() => {
    rmSync(clone, { recursive: true });
  });

  it('says how far npm is while it installs', async () => {
    const child = spawn(process.execPath, ['local/setup.mjs'], {
      cwd: clone,
      env: { ...process.env, npm_execpath: npm, npm_node_execpath: process.execPath },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('packages are there')) writeFileSync(join(clone, 'seen'), '');
    });
    const status = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(status, 0, said);
    assert.match(said, /set-up: \d+ s, 1 of at most 2 packages are there\n/);
  });
});

describe('the first commands of a newcomer', function () {
  this.timeout(30_000);

  it('get no warning about the configuration from npm', () => {
    const { status, stderr } = spawnSync('npm', ['pkg', 'get', 'name'], { cwd: project, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /warn/i);
  });

  it('get a sentence and no stack where an older Node runs them', () => {
    const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(older)}`, 'cli/castwatch.mjs', 'status'],
      { cwd: project, encoding: 'utf8' },
    );
    assert.equal(status, 69);
    assert.match(
      stderr,
      /^castwatch: this is Node 20\.20\.2; Castwatch needs Node 24, .*\n {2}Run `npm start`/,
    );
    assert.doesNotMatch(stderr, /\n\s+at /);
  });
});
