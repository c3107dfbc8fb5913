/** Event-time latency of validate and features, Castwatch and Kafka Streams in turn, at shares of the rate that both sustain. */
import type { Contender } from '../contenders/contender.ts';
import { castwatch } from '../contenders/castwatch.ts';
import { kafkaStreams, tunedStreams } from '../contenders/kafka-streams.ts';
import { measureLatency, type LatencyAt, type LatencyResult } from '../measuring/latency-steps.ts';
import { barOf, type Plot } from '../reporting/plot.ts';
import { startRig, type Rig } from '../measuring/rig.ts';
import { spreadOf } from '../reporting/spread.ts';
import { textTable } from '../reporting/text-table.ts';
import type { Benchmark, BenchmarkOptions, BenchmarkOutcome } from './benchmark.ts';

const contenders: readonly Contender[] = [
  castwatch('castwatch', 'Castwatch', [['validate', 'features']]),
  kafkaStreams('kafka-streams', 'Kafka Streams', { ...tunedStreams, commitIntervalMs: 20 }),
];

const cells = 200;
/** Records. */
const warmUp = 60_000;
const shares = [0.5, 0.8, 1];
const stepSeconds = 10;
/** Sustained: no more than one reading in a hundred is later than this, ms. */
const sustainedP99 = 1_000;
const search = { from: 1_000, factor: 1.25, steps: 20, seconds: 5 };

export const latency: Benchmark = {
  name: 'latency',
  title: 'from scheduled send to readable feature row, at 50, 80 and 100 % of the sustained rate',
  run,
};

interface Sustained {
  readonly contender: string;
  /** Readings per second. */
  readonly rate: number;
  readonly agrees: boolean;
}

async function run({
  repeats = 3,
  records,
  only,
  profiles,
  say,
}: BenchmarkOptions): Promise<BenchmarkOutcome> {
  const taking = contenders.filter(({ name }) => only?.includes(name) ?? true);
  const rig = await startRig({
    plant: { process: 'processes/casting.yaml', cells },
    ...{
      records: warmUp + (records ?? 500_000),
      seed: '1',
      split: warmUp,
      parts: ['kafka', 'registry'],
      say,
    },
    ...(profiles === undefined ? {} : { profiles }),
  });
  const sustained: Sustained[] = [];
  const results: LatencyResult[] = [];
  try {
    for (const contender of taking) sustained.push(await findSustained(contender, rig, say));
    const base = Math.min(...sustained.map(({ rate }) => rate));
    const steps = shares.map((share) => ({ rate: Math.round(base * share), seconds: stepSeconds }));
    for (let repeat = 1; repeat <= repeats; repeat++)
      for (const contender of taking) {
        const result = await measureLatency(contender, { rig, warmUp, steps });
        results.push(result);
        for (const step of result.steps) say(`  ${contender.title}: ${describe(step)}`);
      }
  } finally {
    await rig.stop();
  }
  return {
    agrees: [...sustained, ...results].every(({ agrees }) => agrees),
    text: asTable(taking, sustained, results),
    plots: [plotOf(taking, results)],
    data: { cells, shares, warmUp, stepSeconds, sustainedP99, repeats, sustained, results },
  };
}

/** Raises the rate until the contender cannot sustain it. */
async function findSustained(
  contender: Contender,
  rig: Rig,
  say: (line: string) => void,
): Promise<Sustained> {
  const steps = Array.from({ length: search.steps }, (_, index) => ({
    rate: Math.round(search.from * search.factor ** index),
    seconds: search.seconds,
  }));
  const holds = ({ latency: { p99 } }: LatencyAt): boolean => p99 <= sustainedP99;
  const result = await measureLatency(contender, { rig, warmUp, steps, enough: (step) => !holds(step) });
  for (const step of result.steps) say(`  ${contender.title}: ${describe(step)}`);
  const rate = Math.max(0, ...result.steps.filter(holds).map((step) => step.rate));
  return { contender: contender.name, rate, agrees: result.agrees };
}

const describe = ({ rate, latency: { p50, p99, p999 }, sentLate }: LatencyAt): string =>
  `${rate}/s: p50 ${p50.toFixed(0)}, p99 ${p99.toFixed(0)}, p99.9 ${p999.toFixed(0)} ms (sent ${sentLate.toFixed(0)} ms late)`;

function asTable(
  taking: readonly Contender[],
  sustained: readonly Sustained[],
  results: readonly LatencyResult[],
): string {
  const rows = taking.flatMap(({ name, title }) =>
    shares.map((share, index) => {
      const own = results.flatMap(({ contender, steps }) => {
        const step = steps[index];
        return contender === name && step !== undefined ? [step] : [];
      });
      const spread = (key: 'p50' | 'p99' | 'p999'): string =>
        spreadOf(own.map(({ latency }) => latency[key]));
      const rate = own[0]?.rate ?? NaN;
      return [
        title,
        `${share * 100} %`,
        rate.toLocaleString('en'),
        spread('p50'),
        spread('p99'),
        spread('p999'),
      ];
    }),
  );
  const rates = sustained.map(
    ({ contender, rate }) =>
      `${taking.find(({ name }) => name === contender)?.title ?? contender} ${rate.toLocaleString('en')}`,
  );
  return [
    `Sustained (p99 up to ${sustainedP99} ms), readings/s: ${rates.join(', ')}. Loads are shares of the lower one.`,
    '',
    textTable(['', 'load', 'readings/s', 'p50, ms', 'p99, ms', 'p99.9, ms'], rows),
  ].join('\n');
}

const plotOf = (taking: readonly Contender[], results: readonly LatencyResult[]): Plot => ({
  name: 'latency',
  title: 'p99 from scheduled send to readable feature row, ms',
  bars: shares.flatMap((share, index) =>
    taking.map(({ name, title }) =>
      barOf(
        `${title}, ${share * 100} %`,
        results.flatMap(({ contender, steps }) =>
          contender === name ? steps.slice(index, index + 1).map(({ latency: { p99 } }) => p99) : [],
        ),
      ),
    ),
  ),
});
