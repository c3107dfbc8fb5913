/** Live clients: how many get their scans in time while one in a hundred reads nothing. */
import { assetPaths } from '../../processes/plant.ts';
import { startRole } from '../contenders/role-processes.ts';
import { newTables } from '../measuring/new-tables.ts';
import { Conversation } from '../load/conversation.ts';
import type { CrowdOptions, Delivered, FromCrowd, ToCrowd } from '../load/crowd-protocol.ts';
import { barOf } from '../reporting/plot.ts';
import { startRig, type Rig } from '../measuring/rig.ts';
import { textTable } from '../reporting/text-table.ts';
import type { Benchmark, BenchmarkOptions, BenchmarkOutcome } from './benchmark.ts';

const cells = 100;
const perClient = 10;
const stalledEvery = 100;
/** Scans per second, of all assets. */
const rate = 500;
const crowds = [100, 200, 400, 800, 1_600];
const [settleSeconds, measureSeconds] = [3, 8];
/** Delivery is too late from here on: p99, ms. */
const limit = 500;

export const fanOut: Benchmark = {
  name: 'fan-out',
  title: `live clients until delivery p99 passes ${limit} ms, one in ${stalledEvery} stalled`,
  run,
};

async function run({ profiles, say }: BenchmarkOptions): Promise<BenchmarkOutcome> {
  const rig = await startRig({
    plant: { process: 'processes/casting.yaml', cells },
    ...{ records: rate * crowds.length * (settleSeconds + measureSeconds) + 10_000, seed: '1' },
    ...{ parts: ['kafka', 'registry', 'database'], say },
    ...(profiles === undefined ? {} : { profiles }),
  });
  try {
    const delivered = await measure(rig, say);
    const rows = delivered.map(({ clients, stalled, p50, p99, skipped }) => [
      `${clients} (${stalled})`,
      ((rate * perClient * (clients - stalled)) / cells).toLocaleString('en'),
      p50.toFixed(0),
      p99.toFixed(0),
      String(skipped),
    ]);
    const most = Math.max(0, ...delivered.filter(({ p99 }) => p99 <= limit).map(({ clients }) => clients));
    return {
      agrees: undefined, // the gateway's tests check what is delivered
      text: `${textTable(['clients (stalled)', 'scans delivered/s', 'p50, ms', 'p99, ms', 'left out'], rows)}\n\nIn time: ${most} clients of ${perClient} assets each. The clients share one process and the two cores with everything else.`,
      plots: [
        {
          name: 'fan-out',
          title: 'p99 of delivery, ms',
          bars: delivered.map(({ clients, p99 }) => barOf(`${clients} clients`, [p99])),
        },
      ],
      data: { cells, perClient, stalledEvery, rate, settleSeconds, measureSeconds, limit, most, delivered },
    };
  } finally {
    await rig.stop();
  }
}

async function measure(rig: Rig, say: (line: string) => void): Promise<readonly Delivered[]> {
  const run = await rig.openRun('fan-out');
  const { prefix } = run.kafka;
  const plant = ['--process', run.plant.process, '--cells', String(cells)];
  const url = await newTables(rig.stack, prefix, rig.definition);
  const children = [
    startRole(run, ['process', ...plant, '--steps', 'validate']),
    startRole(run, ['gateway', ...plant, '--port', '0'], { DATABASE_URL: url }),
  ];
  let crowd: Conversation<ToCrowd, FromCrowd> | undefined;
  try {
    await Promise.all(children.map((child) => child.untilReady()));
    const options: CrowdOptions = {
      ...{ url: children[1]?.url ?? '', assets: assetPaths(rig.definition), perClient, stalledEvery },
    };
    crowd = new Conversation<ToCrowd, FromCrowd>('crowd.ts', options);
    await crowd.answer('ready');
    const delivered: Delivered[] = [];
    let sent = 0;
    for (const clients of crowds) {
      await crowd.ask({ kind: 'grow', clients }, 'grown');
      for (const seconds of [settleSeconds, measureSeconds]) {
        await crowd.ask({ kind: 'measure' }, 'delivered');
        const to = sent + rate * seconds;
        await rig.loader.pace({ prefix, from: sent, to, rate });
        sent = to;
      }
      const { kind, ...at } = await crowd.ask({ kind: 'measure' }, 'delivered');
      say(`  ${clients} clients: ${kind} p50 ${at.p50.toFixed(0)} ms, p99 ${at.p99.toFixed(0)} ms`);
      delivered.push(at);
      if (at.p99 > limit) break;
    }
    return delivered;
  } finally {
    crowd?.stop();
    await Promise.all(children.map((child) => child.stop()));
    await run.close();
  }
}
