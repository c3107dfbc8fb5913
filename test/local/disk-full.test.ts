/** The local stack on a disk that is full: a real one of one megabyte, where this machine lets us mount it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CastwatchError } from '../../base/errors.ts';
import { noSpaceError } from '../../base/no-space.ts';
import { startLocalStack } from '../../local/stack.ts';
import { createLogger } from '../../telemetry/log.ts';

describe('a full disk', function () {
  this.timeout(60_000);

  it('is named with its place, and nobody is told to delete data', async function () {
    const dataDir = mkdtempSync(join(tmpdir(), 'castwatch-full-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0755', 'castwatch-test', dataDir], {
        stdio: 'pipe',
      });
    } catch {
      rmSync(dataDir, { recursive: true });
      this.skip();
    }
    try {
      const log = createLogger('test', 'silent');
      await assert.rejects(
        startLocalStack({ dataDir, log, only: ['database'], shortLived: true }),
        (error) => {
          assert.ok(error instanceof CastwatchError, String(error));
          assert.equal(error.code, 'ENVIRONMENT');
          assert.equal(error.message, `No space left on the disk of ${dataDir}.`);
          assert.match(error.remedy ?? '', /^Free space on that disk/);
          assert.doesNotMatch(error.remedy ?? '', /delete|remove|--fresh/i);
          return true;
        },
      );
    } finally {
      execFileSync('umount', [dataDir]);
      rmSync(dataDir, { recursive: true });
    }
  });

  it('is recognised in errors of Node, in their causes and in the output of programs', () => {
    const ofNode = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      path: '/data/x',
    });
    for (const error of [ofNode, new Error('cannot write', { cause: ofNode })])
      assert.equal(noSpaceError(error)?.message, 'No space left on the disk of /data/x.');
    const ofProgram = Object.assign(new Error('Command failed: initdb'), {
      stderr: 'initdb: error: could not write: No space left on device',
    });
    assert.equal(noSpaceError(ofProgram, '/data')?.message, 'No space left on the disk of /data.');
    assert.equal(noSpaceError(new Error('no such file')), undefined);
  });
});
