import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseSpeed } from '../../cli/options.ts';
import { makeProgram } from '../../cli/program.ts';

const entry = join(import.meta.dirname, '../../cli/castwatch.ts');

describe('the command line', function () {
  this.timeout(30_000);

  it('exits with 64 for a wrong flag, because 1 means "does not reconcile"', () => {
    const wrong = spawnSync(process.execPath, [entry, 'source', 'simulator', '--speed', 'fast'], {
      encoding: 'utf8',
    });
    assert.equal(wrong.status, 64, wrong.stderr);
    assert.match(wrong.stderr, /--speed.*'fast' is invalid. Give a number above 0, or max/);
    const help = spawnSync(process.execPath, [entry, 'source', '--help'], { encoding: 'utf8' });
    assert.equal(help.status, 0, help.stderr);
  });

  it('accepts a number or max as speed', () => {
    assert.equal(parseSpeed('max'), 'max');
    assert.equal(parseSpeed('2.5'), 2.5);
    assert.throws(() => parseSpeed('-1'), /or max/);
  });

  it('shows each default once, in the form in which one types it', () => {
    const help = (name: string): string => {
      const command = makeProgram().commands.find((each) => each.name() === name);
      assert.ok(command !== undefined);
      return command.helpInformation().replaceAll(/\s+/g, ' ');
    };
    assert.match(help('simulate'), /time of the first scan, ISO 8601 \(default: 2026-01-05T00:00:00.000Z\)/);
    assert.equal(help('process').split('validate,features,predict,drift,quality,alert').length, 2);
  });
});
