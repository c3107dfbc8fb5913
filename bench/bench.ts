#!/usr/bin/env node
/** `npm run bench`: measures how fast the pipeline is, compared with its best rivals, and checks the outputs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { positiveInteger } from '../cli/options.ts';
import { benchmarks } from './benchmarks/all.ts';
import type { Benchmark } from './benchmarks/benchmark.ts';
import { localFolder } from '../local/parts/java-parts.ts';
import { writePerformancePage } from './reporting/performance-page.ts';
import { saveResult } from './reporting/results.ts';

interface Flags {
  readonly repeats?: number;
  readonly records?: number;
  readonly only?: readonly string[];
  readonly cpuProf?: string;
  readonly results?: string;
  readonly report: boolean;
}

const committed = join(import.meta.dirname, '../docs/performance/results');

/** A trial does not overwrite the results of a full run. */
function folderFor({ only, records, repeats, cpuProf }: Flags): string {
  const isTrial = [only, records, repeats, cpuProf].some((flag) => flag !== undefined);
  return isTrial ? join(localFolder, 'bench') : committed;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** A benchmark that takes longer counts as hanging. */
const mostMinutes = 15;
const endedByTerm = 143;

// The exit of this process, also by Ctrl-C, ends all child processes and removes temporary files.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(endedByTerm));

await new Command('bench')
  .description(
    'Measures Castwatch on a local Kafka, schema registry and PostgreSQL, and compares it with Kafka Streams and Quix ' +
      'Streams. Fails when outputs differ from the offline oracle, but not because something is slow.\n\n' +
      benchmarks.map(({ name, title }) => `  ${name.padEnd(12)} ${title}`).join('\n'),
  )
  .addArgument(
    new Argument('[names...]', 'the benchmarks to run; default: all').argParser<readonly Benchmark[]>(
      (name, before: readonly Benchmark[] | undefined) => [...(before ?? []), named(name)],
    ),
  )
  .option('--repeats <n>', 'repeats of each measurement', positiveInteger)
  .option('--records <n>', 'records to measure in each repeat', positiveInteger)
  .option('--only <contenders>', 'contenders to compare, separated by commas', (text) => text.split(','))
  .option('--cpu-prof <folder>', 'write CPU profiles of the Castwatch processes to this folder')
  .option(
    '--results <folder>',
    'where to write the results, as JSON; default: docs/performance/results, or .castwatch/bench for trials (with ' +
      '--only, --records, --repeats or --cpu-prof)',
  )
  .option('--report', 'do not measure; write docs/performance/report.md from the stored results', false)
  .action(run)
  .parseAsync();

function named(name: string): Benchmark {
  const benchmark = benchmarks.find((each) => each.name === name);
  if (benchmark !== undefined) return benchmark;
  throw new InvalidArgumentError(`The benchmarks are ${benchmarks.map((each) => each.name).join(', ')}.`);
}

async function run(names: readonly Benchmark[] | undefined, flags: Flags): Promise<void> {
  if (flags.report) {
    say(`written: ${writePerformancePage(flags.results ?? committed, benchmarks)}`);
    return;
  }
  const [first, ...more] = names?.length ? names : benchmarks;
  if (first === undefined) return;
  if (more.length === 0) await measure(first, flags);
  else await measureEach([first, ...more], flags);
}

async function measure(benchmark: Benchmark, flags: Flags): Promise<void> {
  const { cpuProf, results, ...rest } = flags;
  const profiles = cpuProf === undefined ? {} : { profiles: resolve(cpuProf) };
  say(`${benchmark.name}: ${benchmark.title}`);
  const began = performance.now();
  const outcome = await benchmark.run({ ...rest, ...profiles, say });
  const seconds = (performance.now() - began) / 1_000;
  const file = saveResult(results ?? folderFor(flags), benchmark, outcome, seconds);
  process.stdout.write(`\n${outcome.text}\n\n`);
  say(`${benchmark.name}: ${Math.round(seconds)} s, results in ${file}`);
  if (outcome.agrees === false) {
    say(`${benchmark.name}: outputs differ from the oracle's`);
    process.exitCode = 1;
  }
}

/** Runs each benchmark in a process of its own, so that one that fails or hangs does not affect the next ones. */
async function measureEach(all: readonly Benchmark[], flags: Flags): Promise<void> {
  const failed: string[] = [];
  for (const [index, { name }] of all.entries()) {
    say(`[${index + 1}/${all.length}] ${new Date().toISOString().slice(11, 16)} UTC`);
    const child = spawn(
      process.execPath,
      [...process.execArgv, import.meta.filename, name, ...asArguments(flags)],
      { stdio: 'inherit' },
    );
    const end = (): void => void child.kill('SIGTERM');
    process.once('exit', end);
    const patience = setTimeout(end, mostMinutes * 60_000);
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    clearTimeout(patience);
    process.off('exit', end);
    if (code !== 0)
      failed.push(
        `${name} (${code === endedByTerm ? `ended after ${mostMinutes} minutes` : `exit ${code ?? signal}`})`,
      );
  }
  if (failed.length === 0) return;
  say(`failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}

function asArguments({ repeats, records, only, cpuProf, results }: Flags): readonly string[] {
  return [
    ...(repeats === undefined ? [] : ['--repeats', String(repeats)]),
    ...(records === undefined ? [] : ['--records', String(records)]),
    ...(only === undefined ? [] : ['--only', only.join(',')]),
    ...(cpuProf === undefined ? [] : ['--cpu-prof', cpuProf]),
    ...(results === undefined ? [] : ['--results', results]),
  ];
}
