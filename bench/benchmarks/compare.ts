/** Measures contenders in turn on one rig, several times. */
import type { Contender, RecordCounts, Run } from '../contenders/contender.ts';
import { startRig } from '../measuring/rig.ts';
import { measureThroughput, type Checked, type ThroughputResult } from '../measuring/backlog-throughput.ts';
import { throughputPlots, throughputTable } from '../reporting/throughput-table.ts';
import type { Benchmark, BenchmarkOptions } from './benchmark.ts';

export interface Comparison extends RecordCounts {
  readonly contenders: readonly Contender[];
  readonly process?: string;
  readonly cells: number;
  readonly repeats: number;
  readonly check?: (run: Run) => Promise<readonly Checked[]>;
}

export async function compareThroughput(
  comparison: Comparison,
  { only, profiles, say }: BenchmarkOptions,
): Promise<readonly ThroughputResult[]> {
  const { cells, repeats, check, process = 'processes/casting.yaml' } = comparison;
  const taking = await ready(comparison.contenders, only, say);
  const countsOf = (contender: Contender): RecordCounts => countsFor(contender, comparison);
  const [first = taking[0]] = [...taking].sort((a, b) => total(countsOf(b)) - total(countsOf(a)));
  const whole = countsOf(first);
  const rig = await startRig({
    ...{ plant: { process, cells }, records: total(whole), seed: '1', split: whole.warmUp },
    ...{ parts: ['kafka', 'registry'], say },
    ...(profiles === undefined ? {} : { profiles }),
  });
  const results: ThroughputResult[] = [];
  try {
    for (let repeat = 1; repeat <= repeats; repeat++)
      for (const contender of taking) {
        const counts = countsOf(contender);
        const options = { rig, warmUp: counts.warmUp, records: total(counts), say };
        results.push(
          await measureThroughput(contender, { ...options, ...(check === undefined ? {} : { check }) }),
        );
      }
    return results;
  } finally {
    await rig.stop();
  }
}

const total = ({ warmUp, records }: RecordCounts): number => warmUp + records;

/** How many records a contender gets: as many as the others, or its own limit. */
export function countsFor(
  { most }: Pick<Contender, 'most'>,
  { warmUp, records }: RecordCounts,
): RecordCounts {
  return {
    warmUp: Math.min(warmUp, most?.warmUp ?? warmUp),
    records: Math.min(records, most?.records ?? records),
  };
}

/**
 * Prepares the named contenders. Reports each one that cannot run here, and leaves it out.
 * @throws Error when none is left
 */
export async function ready(
  contenders: readonly Contender[],
  only: readonly string[] | undefined,
  say: (line: string) => void,
): Promise<readonly [Contender, ...Contender[]]> {
  const named = contenders.filter(({ name }) => only?.includes(name) ?? true);
  if (named.length === 0)
    throw new Error(`--only names none of ${contenders.map(({ name }) => name).join(', ')}`);
  const able: Contender[] = [];
  for (const contender of named) {
    const prepared = (await contender.prepare?.(say)) ?? { ready: true };
    if (prepared.ready) able.push(contender);
    else say(`  ${contender.title} is left out: ${prepared.why}`);
  }
  const [first, ...more] = able;
  if (first === undefined) throw new Error('None of the contenders can run on this machine.');
  return [first, ...more];
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
