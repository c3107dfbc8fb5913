#!/usr/bin/env node
/** `npm run chaos`: the whole pipeline under fire, judged by the offline oracle. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { positive, positiveInteger } from '../../cli/options.ts';
import { removeLocalData, startLocalStack } from '../../local/stack.ts';
import { createLogger } from '../../telemetry/log.ts';
import { faultNamed, faults } from './faults/all.ts';
import type { Fault } from './fault.ts';
import { readers, type Reader } from './fleet.ts';
import { asTable } from './report.ts';
import { runScenario, type ScenarioResult } from './scenario.ts';

interface Flags {
  readonly minutes?: number;
  readonly kills: number;
  readonly seed: string;
  readonly only?: readonly Fault[];
  readonly readers: readonly Reader[];
  readonly speed: number;
  readonly json: boolean;
}

const plant = { process: 'processes/casting.yaml', cells: 8 };
const say = (line: string): void => void process.stderr.write(`${line}\n`);

await new Command('chaos')
  .description(
    'Runs the pipeline as separate processes on a local stack of its own, does one fault after another to it, and ' +
      'compares all topics and tables with the offline oracle. Fails unless every verdict is "all records delivered".',
  )
  .option('--minutes <n>', 'no further injections after so long', positive)
  .option('--kills <n>', 'injections of each kind', positiveInteger, 2)
  .option('--seed <seed>', 'of the stream and of the moments', '1')
  .option('--only <faults>', `of ${faults.map(({ name }) => name).join(', ')}; with commas between`, (text) =>
    text.split(',').map(faultNamed),
  )
  .option(
    '--readers <names>',
    `whose processes are hit, by faults that hit one at a time: of ${readers.join(', ')}`,
    parseReaders,
    readers,
  )
  .option('--speed <n>', 'plant seconds per second', positive, 30)
  .option('--json', 'one JSON line per fault', false)
  .action(run)
  .parseAsync();

function parseReaders(text: string): readonly Reader[] {
  return text.split(',').map((word) => {
    const reader = readers.find((each) => each === word.trim());
    if (reader === undefined) throw new InvalidArgumentError(`There are ${readers.join(', ')}.`);
    return reader;
  });
}

async function run({ minutes, kills, seed, only = faults, readers, speed, json }: Flags): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'castwatch-chaos-'));
  const log = createLogger('chaos', 'error');
  const stack = await startLocalStack({ dataDir, log });
  const end = minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + minutes * 60_000;
  const results: ScenarioResult[] = [];
  const asked = new AbortController();
  process.once('SIGINT', () => {
    asked.abort();
  });
  const isOver = (): boolean => asked.signal.aborted || Date.now() > end;
  try {
    for (const fault of only) {
      if (isOver()) {
        say(`${fault.name}: not done, the time is over`);
        continue;
      }
      say(`${fault.name}: ${fault.title}`);
      const result = await runScenario({
        ...{ ...plant, stack, seed, speed, say, isOver, readers },
        faults: [fault],
        times: kills,
      });
      results.push(result);
      say(`  ${result.verdict}${result.passed ? '' : `; ${result.problems.join('; ')}`}`);
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
    }
  } finally {
    await stack.stop();
    await removeLocalData(dataDir);
  }
  if (!json) process.stdout.write(`\n${asTable(results)}\n`);
  if (results.some(({ passed }) => !passed) || results.length === 0) process.exitCode = 1;
}
