/** A backlog of ten minutes waits while no process runs: from the start of the process to zero lag. */
import { runTimeout, startRig, type Rig } from '../measuring/rig.ts';
import { until } from '../../base/retry.ts';
import { castwatch } from '../contenders/castwatch.ts';
import type { Contender } from '../contenders/contender.ts';
import { kafkaStreams, tunedStreams } from '../contenders/kafka-streams.ts';
import { checkOutputs } from '../measuring/expectation.ts';
import { barOf } from '../reporting/plot.ts';
import { spreadOf } from '../reporting/spread.ts';
import { textTable } from '../reporting/text-table.ts';
import type { Benchmark, BenchmarkOptions, BenchmarkOutcome } from './benchmark.ts';

const contenders = [
  castwatch('castwatch', 'Castwatch', [['validate', 'features']]),
  kafkaStreams('kafka-streams', 'Kafka Streams', tunedStreams),
];
const [cells, minutes] = [200, 10];

export const catchUp: Benchmark = {
  name: 'catch-up',
  title: `a backlog of ${minutes} minutes of ${cells} assets: from a cold start to zero lag`,
  run,
};

interface Result {
  readonly contender: string;
  readonly seconds: number;
  readonly agrees: boolean;
}

async function run({
  repeats = 3,
  records = cells * minutes * 60,
  only,
  say,
}: BenchmarkOptions): Promise<BenchmarkOutcome> {
  const taking = contenders.filter(({ name }) => only?.includes(name) ?? true);
  const plant = { process: 'processes/casting.yaml', cells };
  const rig = await startRig({ plant, records, seed: '1', parts: ['kafka', 'registry'], say });
  const results: Result[] = [];
  try {
    for (let repeat = 1; repeat <= repeats; repeat++)
      for (const contender of taking) results.push(await measure(contender, rig, records, say));
  } finally {
    await rig.stop();
  }
  const secondsOf = (name: string): readonly number[] =>
    results.filter(({ contender }) => contender === name).map(({ seconds }) => seconds);
  const rows = taking.map(({ name, title }) => [title, spreadOf(secondsOf(name), 1)]);
  return {
    agrees: results.every(({ agrees }) => agrees),
    text: textTable(['', 'start to zero lag, s'], rows),
    plots: [
      {
        name: 'catch-up',
        title: 'start to zero lag, s',
        bars: taking.map(({ name, title }) => barOf(title, secondsOf(name))),
      },
    ],
    data: { cells, minutes, records, repeats, results },
  };
}

async function measure(
  contender: Contender,
  rig: Rig,
  records: number,
  say: (line: string) => void,
): Promise<Result> {
  const run = await rig.openRun(`${contender.name}-catch-up`);
  try {
    await rig.loader.fill({ prefix: run.kafka.prefix, from: 0, to: records });
    const began = performance.now();
    const running = await contender.start(run);
    try {
      await until('zero lag', () => running.isDone(), runTimeout);
      const seconds = (performance.now() - began) / 1_000;
      await running.stop();
      const checks = await checkOutputs(run.kafka, rig.expectation, records);
      say(`  ${contender.title}: ${seconds.toFixed(1)} s`);
      return { contender: contender.name, seconds, agrees: checks.every(({ agrees }) => agrees) };
    } finally {
      await running.stop();
    }
  } finally {
    await run.close();
  }
}
