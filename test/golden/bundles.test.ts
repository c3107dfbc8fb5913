/** The shipped bundles have not changed and give the same answers; the same data and seed train the same bundle. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readGolden } from './archive.ts';
import {
  bundleFacts,
  processor,
  trainingFacts,
  type BundleFacts,
  type TrainingFacts,
} from './bundle-facts.ts';
import { sameNearly } from './same.ts';

const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'bundles.json'), 'utf8')) as Readonly<
  Record<'casting' | 'pump-rig', BundleFacts>
> & { readonly trained: TrainingFacts };

const { trained } = recorded;
const sameBits = trained.processor === processor;

describe('golden bundles', function () {
  this.timeout(60_000);

  for (const plant of ['casting', 'pump-rig'] as const)
    it(`${plant}: same id, same content, same answers`, async () => {
      const golden = readGolden(join(import.meta.dirname, `${plant}.golden.br`));
      // In the form of JSON, where NaN is null.
      const actual: unknown = JSON.parse(JSON.stringify(await bundleFacts(recorded[plant].bundle, golden)));
      if (sameBits) assert.deepEqual(actual, recorded[plant]);
      else sameNearly(actual, recorded[plant], plant);
    });

  it('the same data and the same seed train the same bundle', async function () {
    if (!sameBits) {
      process.stdout.write(`      skipped: recorded on ${trained.processor}, this is ${processor}\n`);
      this.skip();
    }
    assert.deepEqual(await trainingFacts(), trained);
  });
});
