/** Contenders in turn on one rig, several times. */
import type { Contender, Run } from '../contenders/contender.ts';
import { startRig } from '../rig.ts';
import { measureThroughput, type Checked, type ThroughputResult } from '../throughput.ts';
import { throughputPlots, throughputTable } from '../throughput-table.ts';
import type { Benchmark, BenchmarkOptions } from './benchmark.ts';

export interface Comparison {
  readonly contenders: readonly Contender[];
  readonly process?: string;
  readonly cells: number;
  readonly warmUp: number;
  /** To be measured. */
  readonly records: number;
  readonly repeats: number;
  readonly check?: (run: Run) => Promise<readonly Checked[]>;
}

export async function compareThroughput(
  comparison: Comparison,
  { only, profiles, say }: BenchmarkOptions,
): Promise<readonly ThroughputResult[]> {
  const { cells, warmUp, repeats, check, process = 'processes/casting.yaml' } = comparison;
  const records = warmUp + comparison.records;
  const taking = comparison.contenders.filter(({ name }) => only?.includes(name) ?? true);
  if (taking.length === 0)
    throw new Error(`--only names none of ${comparison.contenders.map(({ name }) => name).join(', ')}`);
  const rig = await startRig({
    ...{ plant: { process, cells }, records, seed: '1', split: warmUp, parts: ['kafka', 'registry'], say },
    ...(profiles === undefined ? {} : { profiles }),
  });
  const options = { rig, warmUp, records, say, ...(check === undefined ? {} : { check }) };
  const results: ThroughputResult[] = [];
  try {
    for (let repeat = 1; repeat <= repeats; repeat++)
      for (const contender of taking) results.push(await measureThroughput(contender, options));
    return results;
  } finally {
    await rig.stop();
  }
}

/** Throughput of contenders side by side, as a benchmark. */
export function throughputBenchmark({
  name,
  title,
  contenders,
  records,
  warmUp,
}: Pick<Benchmark, 'name' | 'title'> & Pick<Comparison, 'contenders' | 'records' | 'warmUp'>): Benchmark {
  return {
    name,
    title,
    async run(options) {
      const setting = {
        cells: 200,
        warmUp,
        records: options.records ?? records,
        repeats: options.repeats ?? 3,
      };
      const results = await compareThroughput({ contenders, ...setting }, options);
      return {
        agrees: results.every(({ agrees }) => agrees),
        text: throughputTable(contenders, results),
        plots: throughputPlots(name, contenders, results),
        data: { ...setting, results },
      };
    },
  };
}
