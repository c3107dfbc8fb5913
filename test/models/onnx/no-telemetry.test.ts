import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Opens and closes a predictor in a separate process, without the opt-out variables of CI. */
const program = `
  import { loadChampion } from './models/bundle/champion-file.ts';
  import { createPredictor } from './models/serving/bundle-predictor.ts';
  const predictor = await createPredictor(loadChampion('casting'));
  await predictor.close();
`;

describe('models/onnx/no-telemetry', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'castwatch-home-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('keeps the runtime from writing a device id, a cache or a log of its reports', async () => {
    const env = { ...process.env, HOME: home, TMPDIR: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home };
    Reflect.deleteProperty(env, 'CI');
    await run(process.execPath, ['--input-type=module', '--eval', program], { env });
    assert.deepEqual(await readdir(home, { recursive: true }), []);
  });
});
