/** One process and two, on the same backlog. */
import { castwatch } from '../contenders/castwatch.ts';
import { throughputPlots, throughputTable } from '../throughput-table.ts';
import type { Benchmark } from './benchmark.ts';
import { compareThroughput } from './compare.ts';

const both = ['validate', 'features'] as const;
const contenders = [
  castwatch('one', 'one process', [both]),
  castwatch('two', 'two processes, both steps in each', [both, both]),
  castwatch('per-step', 'two processes, a step in each', [['validate'], ['features']]),
];
const [cells, warmUp] = [200, 80_000];

export const instances: Benchmark = {
  name: 'instances',
  title: 'one process and two',
  async run(options) {
    const { repeats = 3, records = 150_000 } = options;
    const setting = { cells, warmUp, records, repeats };
    const results = await compareThroughput({ contenders, ...setting }, options);
    return {
      agrees: results.every(({ agrees }) => agrees),
      text: throughputTable(contenders, results),
      plots: throughputPlots('instances', contenders, results),
      data: { ...setting, results },
    };
  },
};
