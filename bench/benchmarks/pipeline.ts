/** The complete pipeline: from scheduled send to readable prediction, and to its row in the database. */
import { runTimeout, startRig, type Rig } from '../measuring/rig.ts';
import { until } from '../../base/retry.ts';
import { sinkGroup } from '../../roles/shared-names.ts';
import { startRole } from '../contenders/role-processes.ts';
import { newTables } from '../measuring/new-tables.ts';
import { checkOutputs } from '../measuring/expectation.ts';
import { OutputObserver } from '../load/output-observer.ts';
import type { Latencies } from '../load/observer-protocol.ts';
import { barOf, type Plot } from '../reporting/plot.ts';
import { spreadOf } from '../reporting/spread.ts';
import { textTable } from '../reporting/text-table.ts';
import type { Benchmark, BenchmarkOptions, BenchmarkOutcome } from './benchmark.ts';

/** First a backlog, which fills the windows; then some seconds at the rate itself, for just-in-time compilers. */
const [cells, warmUp, warmUpSeconds] = [100, 20_000, 15];
/** Sustained: no more than one prediction, and one row, in a hundred is later than this, ms. */
const sustainedP99 = 2_000;
const search = { from: 400, factor: 1.3, steps: 14, seconds: 6 };
const share = 0.5;
const measureSeconds = 20;

export const pipeline: Benchmark = {
  name: 'pipeline',
  title: 'the complete pipeline at half load: to the readable prediction, and to the database row',
  run,
};

interface At extends Latencies {
  readonly rate: number;
}

interface Result {
  readonly steps: readonly At[];
  readonly agrees: boolean;
}

async function run({ repeats = 3, records, profiles, say }: BenchmarkOptions): Promise<BenchmarkOutcome> {
  const rig = await startRig({
    plant: { process: 'processes/casting.yaml', cells },
    ...{ records: warmUp + (records ?? 280_000), seed: '1', split: warmUp },
    ...{ parts: ['kafka', 'registry', 'database'], say },
    ...(profiles === undefined ? {} : { profiles }),
  });
  try {
    const steps = Array.from({ length: search.steps }, (_, index) => ({
      rate: Math.round(search.from * search.factor ** index),
      seconds: search.seconds,
    }));
    const searched = await measure(rig, steps, say, holds);
    const sustained = Math.max(0, ...searched.steps.filter(holds).map(({ rate }) => rate));
    const half = { rate: Math.max(1, Math.round(sustained * share)), seconds: measureSeconds };
    const results: Result[] = [];
    const warming = { rate: half.rate, seconds: warmUpSeconds };
    for (let repeat = 1; repeat <= repeats; repeat++) {
      const { steps: all, agrees } = await measure(rig, [warming, half], say, () => true);
      results.push({ steps: all.slice(1), agrees });
    }
    return {
      agrees: [searched, ...results].every(({ agrees }) => agrees),
      text: asTable(sustained, results),
      plots: [plotOf(results)],
      data: {
        cells,
        warmUp,
        warmUpSeconds,
        sustainedP99,
        sustained,
        share,
        measureSeconds,
        repeats,
        searched,
        results,
      },
    };
  } finally {
    await rig.stop();
  }
}

const holds = ({ topic, row }: At): boolean => topic.p99 <= sustainedP99 && (row?.p99 ?? 0) <= sustainedP99;

/** All steps in one process, the sink in another. @param goesOn after this step */
async function measure(
  rig: Rig,
  steps: readonly { readonly rate: number; readonly seconds: number }[],
  say: (line: string) => void,
  goesOn: (at: At) => boolean,
): Promise<Result> {
  const run = await rig.openRun('pipeline');
  const { prefix, topics } = run.kafka;
  const topic = topics.predictions;
  const url = await newTables(rig.stack, prefix, rig.definition);
  const { process, cells: count } = run.plant;
  const children = [
    startRole(run, ['process', '--process', process, '--cells', String(count)]),
    startRole(run, ['sink'], { DATABASE_URL: url }),
  ];
  const observer = await OutputObserver.start({
    ...{ brokers: run.brokers, topics: [topic], group: `${prefix}observer` },
    database: { url, sink: sinkGroup(prefix) },
  });
  try {
    await Promise.all(children.map((child) => child.untilReady()));
    const arrived = (sent: number): Promise<boolean> =>
      until(
        () => `the predictions of ${sent} readings`,
        async () => {
          for (const child of children) child.requireRunning();
          const { records, rows } = await observer.count(topic);
          return Math.min(records, rows) >= rig.expectation.count('features', sent);
        },
        runTimeout,
      );
    await rig.loader.fill({ prefix, from: 0, to: warmUp });
    await arrived(warmUp);
    const measured: At[] = [];
    let sent = warmUp;
    for (const { rate, seconds } of steps) {
      const to = Math.min(rig.expectation.records, sent + Math.round(rate * seconds));
      if (to === sent) break;
      const { first, last } = await rig.loader.pace({ prefix, from: sent, to, rate });
      sent = to;
      await arrived(sent);
      const at = { rate, ...(await observer.latency(topic, { from: first, to: last })) };
      measured.push(at);
      say(
        `  ${rate} readings/s: prediction p99 ${at.topic.p99.toFixed(0)} ms, row p99 ${(at.row?.p99 ?? NaN).toFixed(0)} ms`,
      );
      if (!goesOn(at)) break;
    }
    await Promise.all(children.map((child) => child.stop()));
    const checks = await checkOutputs(run.kafka, rig.expectation, sent);
    const { records, rows } = await observer.count(topic);
    const predictions = rig.expectation.count('features', sent);
    return {
      steps: measured,
      agrees: checks.every(({ agrees }) => agrees) && records === predictions && rows === predictions,
    };
  } finally {
    observer.stop();
    await Promise.all(children.map((child) => child.stop()));
    await run.close();
  }
}

function asTable(sustained: number, results: readonly Result[]): string {
  const steps = results.flatMap((result) => result.steps);
  const row = (name: string, of: (at: At) => Latencies['topic'] | undefined): readonly string[] => [
    name,
    ...(['p50', 'p99', 'p999'] as const).map((key) => spreadOf(steps.map((at) => of(at)?.[key] ?? NaN))),
  ];
  const rate = steps[0]?.rate ?? NaN;
  return [
    `Sustained: ${sustained.toLocaleString('en')} readings/s (p99 up to ${sustainedP99} ms). Measured at ${rate.toLocaleString('en')}.`,
    '',
    textTable(
      ['from scheduled send', 'p50, ms', 'p99, ms', 'p99.9, ms'],
      [
        row('to the readable prediction', ({ topic }) => topic),
        row('to its row in the database', (at) => at.row),
      ],
    ),
  ].join('\n');
}

function plotOf(results: readonly Result[]): Plot {
  const steps = results.flatMap((result) => result.steps);
  return {
    name: 'pipeline',
    title: 'p99 from scheduled send at half load, ms',
    bars: [
      barOf(
        'readable prediction',
        steps.map(({ topic }) => topic.p99),
      ),
      barOf(
        'row in the database',
        steps.map(({ row }) => row?.p99 ?? NaN),
      ),
    ],
  };
}
