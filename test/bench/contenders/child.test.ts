import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../../bench/contenders/child.ts';

describe('the process of a contender', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'castwatch-child-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is not ready because of the output of an earlier repeat in the same log', async () => {
    const logFile = join(folder, 'child.log');
    writeFileSync(logFile, 'state RUNNING\n');
    const args = ['-e', 'console.error("no broker"); process.exit(3)'];
    const child = new Child({ file: process.execPath, args, logFile, ready: 'state RUNNING' });
    await assert.rejects(child.untilReady(), (error: Error) => {
      assert.match(error.message, /ended with 3/);
      assert.match(error.message, /no broker/);
      assert.doesNotMatch(error.message, /RUNNING/, 'the output of another process is not its own');
      return true;
    });
  });
});
