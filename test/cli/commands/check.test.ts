/** The real command `check`: what it prints for a good and for a bad definition, and how it ends. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const project = join(import.meta.dirname, '../../..');

describe('castwatch check', function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-check-'));
  const casting = readFileSync(join(project, 'processes/casting.yaml'), 'utf8');
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const check = (file: string, ...words: string[]) =>
    spawnSync(process.execPath, ['cli/castwatch.ts', 'check', file, ...words], {
      cwd: project,
      encoding: 'utf8',
    });
  const changed = (name: string, from: string, to: string): string => {
    assert.ok(casting.includes(from), from);
    const file = join(folder, name);
    writeFileSync(file, casting.replace(from, to));
    return file;
  };

  it('says what a valid definition means', () => {
    const { status, stdout, stderr } = check('processes/casting.yaml');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^processes\/casting\.yaml is valid\n {2}process {3}casting: Slab caster\n/);
    assert.match(stdout, /assets .*Caster1\/S1, .*Caster1\/S2\n/);
    assert.match(stdout, /features {2}114, set [0-9a-f]{12}\n/);
    const said = JSON.parse(check('processes/pump-rig.yaml', '--json').stdout) as Record<string, unknown>;
    assert.deepEqual(
      [said['valid'], said['process'], said['assets'], said['problems']],
      [true, 'pump-rig', 'any', []],
    );
  });

  it('reports mistakes with their lines and ends with 65, in words and as JSON', () => {
    const file = changed('typo.yaml', 'unit: mm', 'unti: mm');
    const line = casting.split('\n').findIndex((text) => text.includes('unit: mm')) + 1;
    const { status, stderr } = check(file);
    assert.equal(status, 65);
    assert.match(
      stderr,
      new RegExp(
        `typo\\.yaml:${line}:\\d+ tags\\[\\d+\\]\\.unti: is not a known field here \\(did you mean unit\\?\\)`,
      ),
    );
    const asJson = check(file, '--json');
    assert.equal(asJson.status, 65);
    const { valid, problems } = JSON.parse(asJson.stdout) as {
      valid: boolean;
      problems: { line: number; column: number; path: string; message: string }[];
    };
    assert.equal(valid, false);
    assert.equal(problems[0]?.line, line);
    assert.match(problems[0].path, /^tags\[\d+\]\.unti$/);
  });

  it('finds what otherwise only the simulator or a role would find', () => {
    const unknown = check(
      changed('names.yaml', 'measure: { value: sticker }', 'measure: { value: stickler }'),
    );
    assert.equal(unknown.status, 65);
    assert.match(unknown.stderr, /simulation\.labels\.mechanisms\.sticker\.measure.*stickler/);
  });

  it('ends with 65 for a file that is not there, or is no YAML map', () => {
    assert.equal(check(join(folder, 'none.yaml')).status, 65);
    const list = join(folder, 'list.yaml');
    writeFileSync(list, '- 1\n');
    assert.match(check(list).stderr, /list\.yaml:1:1 the file is not a YAML map/);
  });
});
