import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Swapped } from './swap-again-and-again.ts';

const swaps = 60;
/** Measured: 0 to 2. It would be 94 with sessions not released, 49 with bundles kept, 27 with garbage not collected. */
const mostMiB = 12;

describe(`models/registry/server, after ${swaps} swaps`, function () {
  this.timeout(120_000);
  let swapped: Swapped;

  before(async () => {
    const program = join(import.meta.dirname, 'swap-again-and-again.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, `${swaps}`]);
    swapped = JSON.parse(stdout) as Swapped;
  });

  it('has started no more threads than before the first: one that answers, one that is ready', () => {
    assert.equal(swapped.threadsBefore, 2);
    assert.equal(swapped.threadsSince, 0);
  });

  it('has no more memory than after half of them', () => {
    const { resident } = swapped;
    const half = Math.min(...resident.slice(swaps / 2 - 10, swaps / 2));
    const end = Math.min(...resident.slice(-10));
    assert.ok(
      end - half < mostMiB,
      `${half.toFixed(0)} MiB after half of them, ${end.toFixed(0)} at the end`,
    );
  });
});
