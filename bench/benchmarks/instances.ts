/** One process and two, on the same backlog. */
import { castwatch } from '../contenders/castwatch.ts';
import { throughputBenchmark } from './compare.ts';

const both = ['validate', 'features'] as const;
const contenders = [
  castwatch('one', 'one process', [both]),
  castwatch('two', 'two processes, both steps in each', [both, both]),
  castwatch('per-step', 'two processes, a step in each', [['validate'], ['features']]),
];
export const instances = throughputBenchmark({
  name: 'instances',
  title: 'one process and two',
  contenders,
  records: 150_000,
  warmUp: 80_000,
});
