import type { Benchmark } from './benchmark.ts';
import { latency } from './latency.ts';
import { throughput } from './throughput.ts';

/** In the order of the report. */
export const benchmarks: readonly Benchmark[] = [throughput, latency];
