#!/usr/bin/env node
/** `npm run chaos`: injects faults into the complete pipeline and compares the results with the offline oracle. */
import { Command, InvalidArgumentError } from 'commander';
import { positive, positiveInteger } from '../../cli/options.ts';
import { faultNamed, faults } from './faults/all.ts';
import type { Fault } from './fault.ts';
import { readers, type ReaderName } from './rig/fleet.ts';
import { asMarkdown, openReport, provenance, reportMark, writeReliabilityPage } from './reliability-page.ts';
import {
  broken,
  notInjected,
  runScenario,
  skipped,
  type ScenarioOptions,
  type ScenarioResult,
} from './scenario.ts';
import { exitStatus, tally } from './what-was-done.ts';
import { startChaosStack, type ChaosStack } from './rig/chaos-stack.ts';

interface Flags {
  readonly minutes?: number;
  readonly kills: number;
  readonly seed: string;
  readonly only?: readonly Fault[];
  readonly readers: readonly ReaderName[];
  readonly speed: number;
  readonly json: boolean;
  readonly report?: string;
}

const plant = { process: 'processes/casting.yaml', cells: 8 };
const say = (line: string): void => void process.stderr.write(`${line}\n`);

await new Command('chaos')
  .description(
    'Runs the pipeline as separate processes on a local stack of its own, injects one fault after another, and ' +
      'compares all topics and tables with the offline oracle. Exit status: 0 when every verdict is "all records ' +
      'delivered", 1 when one is not, 2 when none is bad but not every fault was injected in full.',
  )
  .option(
    '--minutes <n>',
    'inject nothing more after this many minutes; what is left out is reported',
    positive,
  )
  .option('--kills <n>', 'rounds of each fault', positiveInteger, 1)
  .option('--seed <seed>', 'seed of the stream and of the moments of injection', '1')
  .option(
    '--only <faults>',
    `faults to inject, separated by commas: ${faults.map(({ name }) => name).join(', ')}`,
    (text) => text.split(',').map(faultNamed),
  )
  .option(
    '--readers <names>',
    `readers whose processes are hit by faults that hit one at a time, separated by commas: ${readers.join(', ')}`,
    parseReaders,
    readers,
  )
  .option('--speed <n>', 'plant seconds per second', positive, 30)
  .option(
    '--report <file>',
    'write the results into this file, at the markers that docs/reliability.md has, and as JSON next to it',
  )
  .option('--json', 'one JSON line per fault', false)
  .action(run)
  .parseAsync();

function parseReaders(text: string): readonly ReaderName[] {
  return text.split(',').map((word) => {
    const reader = readers.find((each) => each === word.trim());
    if (reader === undefined) throw new InvalidArgumentError(`The readers are ${readers.join(', ')}.`);
    return reader;
  });
}

async function run({
  minutes,
  kills,
  seed,
  only = faults,
  readers,
  speed,
  json,
  report,
}: Flags): Promise<void> {
  if (report !== undefined) await openReport(report, reportMark);
  const from = await provenance({ seed, speed, rounds: kills });
  const end = minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + minutes * 60_000;
  const asked = new AbortController();
  process.once('SIGINT', () => {
    asked.abort();
  });
  const isOver = (): boolean => asked.signal.aborted || Date.now() > end;
  const options = { ...plant, seed, speed, say, isOver, readers, times: kills };
  const results: ScenarioResult[] = [];
  const shared = await startChaosStack();
  try {
    for (const fault of only) {
      say(`${fault.name}: ${fault.title}`);
      const result = isOver() ? notInjected(fault) : await runFault(fault, shared, options);
      results.push(result);
      const remarks = [
        ...(result.passed ? [] : result.problems),
        ...(result.isCut ? ['the time is over'] : []),
      ];
      say(`  ${[result.verdict, ...remarks].join('; ')}`);
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
    }
  } finally {
    await shared.discard();
  }
  if (!json) process.stdout.write(`\n${asMarkdown(from, results)}\n`);
  if (report !== undefined) await writeReliabilityPage(report, from, results);
  say(`${tally(results)}.`);
  process.exitCode = exitStatus(results);
}

async function runFault(
  fault: Fault,
  shared: ChaosStack,
  options: Omit<ScenarioOptions, 'faults' | 'chaosStack'>,
): Promise<ScenarioResult> {
  const on = (chaosStack: ChaosStack): Promise<ScenarioResult> =>
    runScenario({ ...options, chaosStack, faults: [fault] });
  if (fault.ownStack === undefined) return on(shared);
  try {
    const own = await fault.ownStack();
    if ('skipped' in own) return skipped(fault, own.skipped);
    try {
      return await on(own);
    } finally {
      await own.discard();
    }
  } catch (error) {
    return broken(fault, error);
  }
}
