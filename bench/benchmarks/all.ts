import type { Benchmark } from './benchmark.ts';
import { catchUp } from './catch-up.ts';
import { fanOut } from './fan-out.ts';
import { growth } from './growth.ts';
import { instances } from './instances.ts';
import { latency } from './latency.ts';
import { passThrough } from './pass-through.ts';
import { pipeline } from './pipeline.ts';
import { price } from './price.ts';
import { sink } from './sink.ts';
import { steps } from './steps.ts';
import { throughput } from './throughput.ts';

/** All benchmarks, in the order of the report. */
export const benchmarks: readonly Benchmark[] = [
  ...[throughput, latency, pipeline, passThrough, steps, sink, fanOut, growth, catchUp, instances, price],
];
