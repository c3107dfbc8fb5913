#!/usr/bin/env node
/** `npm run sabotage`: breaks the product on purpose, each time in a copy of the tree. Fails when a check does not notice. */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Command, InvalidArgumentError } from 'commander';
import { openReport, provenanceOf, writeSection } from '../reliability-page.ts';
import { copyTree } from './copy.ts';
import { sabotages, type SabotageCheck, type Sabotage } from './sabotages.ts';
import { spoil } from './spoil.ts';
import { withoutTest } from './titles.ts';

interface Outcome {
  readonly sabotage: Sabotage;
  readonly isCaught: boolean;
  /** The line in which the check reported the sabotage, or the last line it wrote. */
  readonly said: string;
  readonly seconds: number;
}

interface Flags {
  readonly only: readonly Sabotage[];
  readonly report?: string;
}

const mark = 'sabotages: written by `npm run sabotage -- --report`';
const timeoutMs = 900_000;
const commands = { test: 'node_modules/.bin/mocha', chaos: 'bench/chaos/chaos.ts' } as const;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

function parse(text: string): readonly Sabotage[] {
  return text.split(',').map((word) => {
    const found = sabotages.find(({ name }) => name === word.trim());
    if (found === undefined) throw new InvalidArgumentError(`There is no sabotage "${word}".`);
    return found;
  });
}

async function run({ only, report }: Flags): Promise<void> {
  if (report !== undefined) await openReport(report, mark);
  const unmatched = await withoutTest(only);
  if (unmatched.length > 0) throw new Error(unmatched.join('\n'));
  const outcomes: Outcome[] = [];
  for (const sabotage of only) {
    say(`${sabotage.name}: ${sabotage.what}`);
    const outcome = await attempt(sabotage);
    outcomes.push(outcome);
    say(
      `  ${outcome.isCaught ? 'caught' : 'NOT CAUGHT'} after ${outcome.seconds.toFixed(0)} s: ${outcome.said}`,
    );
  }
  const { date, commit } = await provenanceOf();
  const text = `${date}, commit ${commit}.\n\n${asTable(outcomes)}`;
  process.stdout.write(`\n${text}\n`);
  if (report !== undefined) await writeSection(report, mark, text);
  if (outcomes.some(({ isCaught }) => !isCaught)) process.exitCode = 1;
}

async function attempt(sabotage: Sabotage): Promise<Outcome> {
  const copy = await copyTree();
  const began = performance.now();
  try {
    const file = join(copy.folder, sabotage.file);
    await writeFile(file, spoil(await readFile(file, 'utf8'), sabotage));
    const { code, output } = await runCheck(copy.folder, sabotage.check);
    const lines = output.split('\n').filter((line) => line.trim() !== '');
    const told = lines.find((line) => !line.includes('✔') && sabotage.notices.test(line));
    return {
      sabotage,
      isCaught: code !== 0 && told !== undefined,
      said: shorten(told ?? lines.at(-1) ?? ''),
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    await copy.remove();
  }
}

/** Runs the check with the Node that runs this process. */
async function runCheck(
  folder: string,
  check: SabotageCheck,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const log = join(folder, 'sabotage.log');
  const args = [commands[check.kind], ...(check.kind === 'test' ? check.files : check.args)];
  const out = createWriteStream(log);
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  for (const stream of [child.stdout, child.stderr]) stream.pipe(out, { end: false });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  out.end();
  await finished(out);
  return { code, output: await readFile(log, 'utf8') };
}

const shorten = (line: string): string => line.trim().replaceAll('|', '/').slice(0, 200);

function asTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ sabotage, isCaught, said, seconds }) => [
    sabotage.what,
    `\`${nameOf(sabotage.check)}\``,
    isCaught ? said : `**not caught**: ${said}`,
    seconds.toFixed(0),
  ]);
  const head = ['sabotage', 'check', 'what it said', 'took, s'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const nameOf = (check: SabotageCheck): string =>
  check.kind === 'test' ? check.files.join(' ') : `npm run chaos -- ${check.args.join(' ')}`;

await new Command('sabotage')
  .description(
    'Breaks the product on purpose, in one way after another, each in a copy of this tree, and runs the smallest check that ' +
      'should notice. Fails when one does not.',
  )
  .option(
    '--only <names>',
    `sabotages to run, separated by commas: ${sabotages.map(({ name }) => name).join(', ')}`,
    parse,
    sabotages,
  )
  .option('--report <file>', 'write the results into this file, at the markers that docs/reliability.md has')
  .action(run)
  .parseAsync();
