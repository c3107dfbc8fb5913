import assert from 'node:assert/strict';
import { mkdtempSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Dataset } from '../../../models/data/labelled-dataset.ts';
import { resumable, trainingVersion } from '../../../models/training/finished-fits.ts';
import type { Fitted, MemberKind } from '../../../models/learners/member-kind.ts';
import { train } from '../../../models/training/train-bundle.ts';
import { smallDataset, smallEffort, smallPlant } from '../small-plant.ts';

const effort = { ...smallEffort, rounds: 16, epochs: 1 };

describe('an interrupted training', () => {
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-fits-'));
  let dataset: Dataset;
  before(async () => {
    dataset = await smallDataset(9, 12);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('continues with the finished fits, and gives the same bundle as one without an interruption', async function () {
    this.timeout(120_000);
    const shared = { definition: smallPlant, dataset, seed: 4, effort };
    const whole = await train({ ...shared, out: join(folder, 'whole') });
    const unfinished = join(folder, 'unfinished');
    let steps = 0;
    const broken = train({
      ...shared,
      out: join(folder, 'broken'),
      unfinished,
      onProgress: () => {
        steps += 1;
        if (steps === 4) throw new Error('pulled the plug');
      },
    });
    await assert.rejects(broken, /pulled the plug/);
    assert.ok(readdirSync(unfinished).length >= 4);

    const said: string[] = [];
    const resumed = await train({
      ...shared,
      out: join(folder, 'broken'),
      unfinished,
      onProgress: (what) => said.push(what),
    });
    assert.ok(said.filter((what) => what.includes('found a finished fit')).length >= 4, said.join('\n'));
    assert.equal(basename(resumed.folder), basename(whole.folder));
    assert.ok(!existsSync(unfinished));
  });

  it('does not use a fit with other input, or a damaged one', async () => {
    let fits = 0;
    const fitted: Fitted = {
      stages: [{ size: 1, probabilities: Float32Array.of(0.25) }],
      onnx: Buffer.from('model'),
      forest: undefined,
    };
    const kind: MemberKind = {
      name: 'lstm',
      input: 'sequence',
      largest: 1,
      every: 1,
      settings: { hidden: 8 },
      fit: () => {
        fits += 1;
        return Promise.resolve(fitted);
      },
    };
    const kept = join(folder, 'kept');
    const rows = Uint32Array.of(1, 2, 3);
    const fit = (of: MemberKind, train = rows, seed = 1, version = trainingVersion) =>
      resumable(of, kept, undefined, version).fit(dataset, train, rows, 1, seed);

    await fit(kind);
    assert.deepEqual(await fit(kind), fitted);
    assert.equal(fits, 1);
    await fit(kind, Uint32Array.of(1, 2));
    await fit(kind, rows, 2);
    await fit({ ...kind, settings: { hidden: 9 } });
    await fit(kind, rows, 1, trainingVersion + 1);
    assert.equal(fits, 5);
    await fit(kind, rows, 1, trainingVersion + 1);
    assert.equal(fits, 5);
    for (const file of readdirSync(kept)) writeFileSync(join(kept, file), 'x');
    assert.deepEqual(await fit(kind), fitted);
    assert.equal(fits, 6);
  });
});
