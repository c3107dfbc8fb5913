#!/usr/bin/env node
/** `npm run bench`: how fast the pipeline is, beside the best, with outputs that are checked. */
import { join, resolve } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { positiveInteger } from '../cli/options.ts';
import { benchmarks } from './benchmarks/all.ts';
import type { Benchmark } from './benchmarks/benchmark.ts';
import { writeReport } from './report.ts';
import { saveResult } from './results.ts';

interface Flags {
  readonly repeats?: number;
  readonly records?: number;
  readonly only?: readonly string[];
  readonly cpuProf?: string;
  readonly results: string;
  readonly report: boolean;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

// What runs is ended and what was written is removed when the process exits, also by Ctrl-C.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

await new Command('bench')
  .description(
    'Measures on a local stack of its own, beside Kafka Streams where that does the same. Fails when outputs differ ' +
      'from the offline oracle; how fast anything was is no failure.\n\n' +
      benchmarks.map(({ name, title }) => `  ${name.padEnd(12)} ${title}`).join('\n'),
  )
  .addArgument(
    new Argument('[names...]', 'which benchmarks; all when none is named').argParser<readonly Benchmark[]>(
      (name, before: readonly Benchmark[] | undefined) => [...(before ?? []), named(name)],
    ),
  )
  .option('--repeats <n>', 'of each measurement', positiveInteger)
  .option('--records <n>', 'to be measured in each repeat', positiveInteger)
  .option('--only <contenders>', 'of those that are compared; with commas between', (text) => text.split(','))
  .option('--cpu-prof <folder>', 'take CPU profiles of our own processes')
  .option(
    '--results <folder>',
    'where the results go, as JSON',
    join(import.meta.dirname, '../docs/performance/results'),
  )
  .option('--report', 'measure nothing; write the report from the results on file', false)
  .action(run)
  .parseAsync();

function named(name: string): Benchmark {
  const benchmark = benchmarks.find((each) => each.name === name);
  if (benchmark !== undefined) return benchmark;
  throw new InvalidArgumentError(`There are ${benchmarks.map((each) => each.name).join(', ')}.`);
}

async function run(names: readonly Benchmark[] | undefined, flags: Flags): Promise<void> {
  const { cpuProf, results, report, ...rest } = flags;
  if (report) {
    say(`written: ${writeReport(results, benchmarks)}`);
    return;
  }
  const profiles = cpuProf === undefined ? {} : { profiles: resolve(cpuProf) };
  for (const benchmark of names?.length ? names : benchmarks) {
    say(`${benchmark.name}: ${benchmark.title}`);
    const began = performance.now();
    const outcome = await benchmark.run({ ...rest, ...profiles, say });
    const seconds = (performance.now() - began) / 1_000;
    const file = saveResult(results, benchmark, outcome, seconds);
    process.stdout.write(`\n${outcome.text}\n\n`);
    say(`${benchmark.name}: ${Math.round(seconds)} s, results in ${file}`);
    if (outcome.agrees === false) {
      say(`${benchmark.name}: outputs differ from the oracle`);
      process.exitCode = 1;
    }
  }
}
