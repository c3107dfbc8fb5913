import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { percent } from '../../base/text.ts';
import { openDefinition } from '../../roles/open-definition.ts';
import { openSource } from '../../sources/open.ts';
import { openRegistry } from '../../roles/open-registry.ts';
import { promote } from '../../models/registry/decisions.ts';
import { describeBundle } from '../../models/bundle/places.ts';
import { startPipeline, type Pipeline } from '../support/pipeline.ts';
import { assertReconciled } from '../support/reconciled.ts';
import { makeVariant } from '../support/variants.ts';
import { waitFor } from '../support/wait.ts';

/**
 * `CASTWATCH_SWAPS=100` shows what so many do to memory. A few cannot: a role that has just begun grows without a swap
 * too. That swaps leave nothing behind is held in every run by test/models/registry/swap-again-and-again.test.ts.
 */
const swaps = Number(process.env['CASTWATCH_SWAPS'] ?? 6);
const enoughForMemory = 40;
/** Looks, one a second, at memory under the same load before the first swap: until it has settled. */
const looksBefore = swaps < enoughForMemory ? 0 : 90;
/** Of what was resident before the first swap. */
const mostGrowth = 0.1;
const plant = { process: 'processes/casting.yaml', cells: 2 };

describe(`${swaps} swaps of the champion under load`, function () {
  this.timeout(300_000 + swaps * 10_000);
  const modelsFolder = mkdtempSync(join(tmpdir(), 'castwatch-swaps-'));
  let pipeline: Pipeline;

  before(async () => {
    pipeline = await startPipeline({ ...plant, modelsFolder });
  });
  after(async () => {
    await pipeline.stop();
    rmSync(modelsFolder, { recursive: true });
  });

  it('lose no prediction, duplicate none, and free the memory', async function () {
    const role = await pipeline.role('process', 'process', '--process', plant.process, '--cells', '2');
    await pipeline.role('sink', 'sink');
    const bundles = [0.091, 0.092].map((threshold) => makeVariant('casting', modelsFolder, threshold));
    const source = await openSource(openDefinition(plant), {
      source: 'simulator',
      file: [],
      seed: '1',
      faults: 'none',
      minutes: 60 + looksBefore + swaps * 3,
      startTime: Date.parse('2026-03-01T06:00:00Z'),
    });
    const load = { isOver: false };
    const publishing = pipeline.publish(source, 60).finally(() => (load.isOver = true));
    const gaps = watchGaps(pipeline, () => load.isOver);
    const registry = openRegistry(pipeline.kafka);
    const resident: number[] = [];
    await waitFor(async () => (await registry.entries('casting')).length > 0, 'the default', 60_000);
    const before: number[] = [];
    while (before.length < looksBefore) {
      before.push(residentMiB(role.pid()));
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    let done = 0;
    for (let swap = 0; swap < swaps && !load.isOver; swap++) {
      const bundle = bundles[swap % 2];
      assert.ok(bundle);
      const described = describeBundle(bundle, modelsFolder);
      const decision = { by: 'test', why: `swap ${swap}` };
      const { sequence } = await promote(registry, 'casting', described, decision, () => []);
      await waitFor(async () => isServed(pipeline, sequence), `entry ${sequence} to be served`, 60_000);
      resident.push(residentMiB(role.pid()));
      done += 1;
    }
    const during = gaps.longest();
    await publishing;
    const result = await pipeline.settleAndReconcile();
    assertReconciled(result);
    assert.equal(result.predictions, result.features);
    const { rows } = await pipeline.pool.query<{ n: string }>(
      'SELECT count(DISTINCT model_entry) AS n FROM castwatch.predictions',
    );
    assert.ok(
      done >= swaps / 2 && Number(rows[0]?.n) >= done / 2,
      `predictions of ${rows[0]?.n ?? 0} entries only`,
    );

    // Over half a minute and more: it goes up and down with the garbage of the load.
    const settled = median(before.slice(-30));
    const quarters = [0, 1, 2, 3].map((quarter) =>
      median(resident.slice((quarter * done) / 4, ((quarter + 1) * done) / 4)),
    );
    const growth = (quarters[3] ?? NaN) / settled - 1;
    process.stdout.write(
      `      ${done} swaps, ${result.predictions} predictions; longest gap between two of them ${during} ms; ` +
        `resident MiB: ${inMiB(before.slice(0, 10))} at first, ${settled.toFixed(0)} before the first swap, ` +
        `${quarters.map((each) => each.toFixed(0)).join(', ')} in each quarter of the swaps (${percent(growth)})\n`,
    );
    if (done >= enoughForMemory) assert.ok(growth < mostGrowth, `resident memory grew by ${percent(growth)}`);
  });
});

async function isServed({ kafka }: Pipeline, sequence: number): Promise<boolean> {
  const codec = kafka.serde.codec('modelEvents');
  const topic = kafka.topics.modelEvents;
  let served = false;
  for (let partition = 0; partition < (await kafka.transport.partitionCount(topic)); partition++)
    await kafka.transport.read({ topic, partition }, (records) => {
      for (const { value } of records) {
        if (value === null) continue;
        const event = codec.decode(value);
        if (event.sequence !== sequence) continue;
        assert.equal(event.kind, 'SERVING', event.reason ?? '');
        served = true;
      }
    });
  return served;
}

/** How long at most no prediction came, by looking at the end of the topic. */
function watchGaps({ kafka }: Pipeline, isOver: () => boolean): { longest(): number } {
  let [longest, last, end] = [0, 0, 0];
  const look = async (): Promise<void> => {
    while (!isOver()) {
      const ends = await kafka.transport
        .endOffsets(kafka.topics.predictions)
        .catch(() => new Map<number, number>());
      const sum = [...ends.values()].reduce((a, b) => a + b, 0);
      const now = performance.now();
      if (sum > end) {
        if (end > 0) longest = Math.max(longest, now - last);
        [last, end] = [now, sum];
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  void look();
  return { longest: () => Math.round(longest) };
}

function residentMiB(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) / 1024;
  } catch {
    return NaN; // not Linux
  }
}
const inMiB = (values: readonly number[]): string => median(values).toFixed(0);

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}
