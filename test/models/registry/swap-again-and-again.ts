/**
 * Swaps the champion many times in a separate process, and prints the number of threads and the memory. In the
 * process of other tests, these could not be measured. Run with `--expose-gc`.
 */
import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { InferenceReply } from '../../../models/serving/inference-worker.ts';
import { describeBundle } from '../../../models/bundle/places.ts';
import { ModelServer } from '../../../models/registry/model-server.ts';
import type { FeatureRow, ModelEntry } from '../../../schemas/generated/types.ts';
import { makeVariant } from '../../support/variants.ts';

export interface Swapped {
  /** Number of threads that were started before the first swap, and since. */
  readonly threadsBefore: number;
  readonly threadsSince: number;
  /** Resident memory, MiB, after each swap. */
  readonly resident: readonly number[];
}

const swaps = Number(process.argv[2]);
const root = mkdtempSync(join(tmpdir(), 'castwatch-swapped-'));
const bundles = [0.11, 0.12].map((threshold) => makeVariant('pump-rig', root, threshold));
const [first] = bundles;
if (first === undefined) throw new Error('there is no bundle');
const { features, featureSet } = first.manifest;

const row: FeatureRow = {
  asset: 'a',
  eventTime: 1,
  featureSet,
  values: features.map(({ usual }) => usual?.[0] ?? NaN),
  sequence: Buffer.alloc(0),
  completeness: 1,
  repaired: 0,
  piece: {},
};
const entries = Array.from({ length: swaps + 1 }, (_, index): ModelEntry => ({
  ...describeBundle(bundles[index % 2] ?? first, root),
  process: 'pump-rig',
  role: 'CHAMPION',
  sequence: index + 1,
  eventTime: index,
  action: 'PROMOTED',
  by: 'Ada',
  why: 'because',
  replaces: '',
  restores: null,
}));

let threads = 0;
let closed = new Set<() => void>();
process.on('worker', (worker) => {
  threads += 1;
  worker.on('message', ({ kind }: InferenceReply) => {
    if (kind !== 'closed') return;
    for (const tell of closed) tell();
    closed = new Set();
  });
});
const untilClosed = (): Promise<void> => new Promise((resolve) => closed.add(resolve));

const server = new ModelServer({ rows: { process: 'pump-rig', featureSet }, root });
await server.follow(entries.slice(0, 1));
await setImmediate(); // A thread is reported just after its start.
const threadsBefore = threads;
const resident: number[] = [];
for (let count = 2; count <= entries.length; count++) {
  const old = untilClosed();
  await server.follow(entries.slice(0, count));
  await server.current().champion?.predictor.predict([row]);
  await old;
  globalThis.gc?.();
  resident.push(process.memoryUsage.rss() / 2 ** 20);
}
const swapped: Swapped = { threadsBefore, threadsSince: threads - threadsBefore, resident };
await server.close();
rmSync(root, { recursive: true });
process.stdout.write(JSON.stringify(swapped));
