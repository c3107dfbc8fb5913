import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadLibrary } from '../../../../models/learners/xgboost/library.ts';
import { CastwatchError } from '../../../../base/errors.ts';

const saysEnvironment = (error: unknown): boolean =>
  error instanceof CastwatchError && error.code === 'ENVIRONMENT' && (error.remedy ?? '').includes('setup');

describe('the XGBoost library', () => {
  it('says where it looked and what to do when it is not there', () => {
    const path = join(tmpdir(), 'no-such-folder', 'libxgboost4j.so');
    assert.throws(
      () => loadLibrary(path),
      (error) => saysEnvironment(error) && String(error).includes(path),
    );
  });

  it('says so when the file is no library', () => {
    const folder = mkdtempSync(join(tmpdir(), 'castwatch-xgboost-'));
    try {
      const path = join(folder, 'libxgboost4j.so');
      writeFileSync(path, 'not a library');
      assert.throws(() => loadLibrary(path), saysEnvironment);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
