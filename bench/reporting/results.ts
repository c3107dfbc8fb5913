/** Stores results as files: the measurements with machine, date and commit. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, BenchmarkOutcome } from '../benchmarks/benchmark.ts';

export function saveResult(
  folder: string,
  { name, title }: Benchmark,
  { agrees, text, plots = [], data }: BenchmarkOutcome,
  seconds: number,
): string {
  const file = join(folder, `${name}.json`);
  mkdirSync(folder, { recursive: true });
  const result = { name, title, ...surroundings(), seconds: Math.round(seconds), agrees, text, plots, data };
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}

/** Machine, date and commit. */
function surroundings(): Readonly<Record<string, unknown>> {
  return {
    date: new Date().toISOString(),
    commit: commit(),
    machine: {
      system: `${process.platform} ${release()}`,
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 1024 ** 3),
      node: process.version,
      /** Load average of the last minute at the end; it includes the benchmark's own load. */
      load: Math.round((loadavg()[0] ?? NaN) * 10) / 10,
    },
  };
}

/** Short hash, with `+` when the working copy differs from it. */
function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
    const changed =
      git('status', '--porcelain', '--untracked-files=no', '--', ':(top)', ':(top,exclude)docs') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    return 'unknown'; // not a clone
  }
}
