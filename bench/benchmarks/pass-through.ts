/** The cost of the runtime with codec and an empty step, compared with kafkajs alone. */
import { percent } from '../../base/text.ts';
import type { Contender, Run } from '../contenders/contender.ts';
import { copying } from '../contenders/script.ts';
import { Multiset } from '../../proof/multiset.ts';
import { readTopic } from '../../proof/read-topic.ts';
import { medianOf } from '../reporting/spread.ts';
import type { Checked } from '../measuring/backlog-throughput.ts';
import { throughputPlots, throughputTable } from '../reporting/throughput-table.ts';
import type { Benchmark, BenchmarkOptions, BenchmarkOutcome } from './benchmark.ts';
import { compareThroughput } from './compare.ts';

const contenders: readonly Contender[] = [
  copying('bare', 'kafkajs alone', 'bare-kafkajs.ts', 'sensorReadings', 'validatedReadings'),
  copying(
    'pass-through',
    'runtime, codec, empty step',
    'pass-through.ts',
    'sensorReadings',
    'validatedReadings',
  ),
];
const cells = 200;
const warmUp = 60_000;

export const passThrough: Benchmark = {
  name: 'pass-through',
  title: 'the cost of the runtime compared with kafkajs alone: transactions, codec and an empty step',
  run,
};

async function run(options: BenchmarkOptions): Promise<BenchmarkOutcome> {
  const { repeats = 3, records = 150_000 } = options;
  const setting = { cells, warmUp, records, repeats };
  const results = await compareThroughput({ contenders, ...setting, check: isCopy }, options);
  const median = (name: string, key: 'seconds' | 'cpuPerRecord'): number =>
    medianOf(results.filter(({ contender }) => contender === name).map((result) => result[key]));
  const more = (key: 'seconds' | 'cpuPerRecord'): number =>
    median('pass-through', key) / median('bare', key) - 1;
  const overhead = { time: more('seconds'), cpu: more('cpuPerRecord') };
  return {
    agrees: results.every(({ agrees }) => agrees),
    text: `${throughputTable(contenders, results)}\n\nCompared with kafkajs alone: ${percent(overhead.time, 0)} in time, ${percent(overhead.cpu, 0)} in CPU.`,
    plots: throughputPlots('pass-through', contenders, results),
    data: { ...setting, overhead, results },
  };
}

/** Checks that the output holds the input's values, each the same number of times. */
async function isCopy({ kafka: { transport, topics } }: Run): Promise<readonly Checked[]> {
  const all = new Multiset();
  for await (const { records } of readTopic(transport, topics.sensorReadings))
    for (const { value } of records) if (value !== null) all.expect(value);
  for await (const { records } of readTopic(transport, topics.validatedReadings))
    for (const { value } of records) if (value !== null) all.find(value);
  const difference = all.difference();
  const { lost, duplicates, unexpected } = difference;
  return [{ topic: 'copy', ...difference, agrees: lost + duplicates + unexpected === 0 }];
}
