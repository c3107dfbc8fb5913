/** Writes the results into docs/reliability.md: a table, and the injections and measurements of each fault. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';
import { counted } from '../../base/text.ts';
import { CastwatchError } from '../../base/errors.ts';
import { describe, type ScenarioResult } from './scenario.ts';
import { fateOf, tally } from './what-was-done.ts';

const run = promisify(execFile);

/** Where, when and from which commit the results come. */
export interface Provenance {
  readonly date: string;
  /** Short hash, with a note when there were uncommitted changes. */
  readonly commit: string;
  readonly machine: string;
  readonly node: string;
  readonly seed: string;
  /** Plant seconds per second. */
  readonly speed: number;
  /** Rounds of each fault. */
  readonly rounds: number;
  /** Load average of the minute before: shows what else the machine was doing. */
  readonly loadBefore: number;
}

/** Finds the commit and the date. */
export async function provenanceOf(): Promise<Pick<Provenance, 'date' | 'commit'>> {
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', args, { cwd: import.meta.dirname })).stdout.trim();
  const hash = await git('rev-parse', '--short', 'HEAD').catch(() => 'no commit');
  const changes = await git('status', '--porcelain').catch(() => '');
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: changes === '' ? hash : `${hash} with uncommitted changes`,
  };
}

export async function provenance(
  settings: Pick<Provenance, 'seed' | 'speed' | 'rounds'>,
): Promise<Provenance> {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return {
    ...settings,
    ...(await provenanceOf()),
    machine: `${type()} ${release()}, ${availableParallelism()} × ${model}, ${Math.round(totalmem() / 1024 ** 3)} GB`,
    node: process.version,
    loadBefore: Number(loadavg()[0]?.toFixed(1)),
  };
}

const seconds = (value: number | null): string => (value === null ? '–' : value.toFixed(1));

export function asTable(results: readonly ScenarioResult[]): string {
  const rows = results.map((result) => [
    result.faults.join(', '),
    String(result.injections.length),
    String(result.readings),
    inTable(result),
    seconds(result.recoveryP50),
    seconds(result.recoveryP99),
    seconds(result.othersStalled),
    seconds(result.slowestDrain),
    String(Math.round(result.seconds)),
  ]);
  const head = [
    'fault',
    'injections',
    'readings',
    'verdict',
    'recovery p50, s',
    'recovery p99, s',
    'others stalled, s',
    'slowest drain, s',
    'took, s',
  ];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function inTable(result: ScenarioResult): string {
  const { verdict } = result;
  switch (fateOf(result)) {
    case 'passed':
      return verdict;
    case 'cut short':
      return `**${verdict}, but cut short**`;
    case 'failed':
      return `**${verdict}${verdict.startsWith('all records delivered') ? ', but with problems' : ''}**`;
    case 'not injected':
    case 'skipped':
      return `**${verdict}**`;
  }
}

export function asMarkdown(from: Provenance, results: readonly ScenarioResult[]): string {
  return [
    `${from.date}, commit ${from.commit}, seed ${from.seed}; ${from.machine}, Node ${from.node}, load average before: ` +
      `${from.loadBefore}. ${counted(from.rounds, 'round')} of each fault, ${from.speed} plant seconds per second. ${tally(results)}.`,
    asTable(results),
    ...results.map(details),
  ].join('\n\n');
}

function details({ faults, title, injections, notes, problems }: ScenarioResult): string {
  const first = (text: string): string => text.split('\n')[0] ?? '';
  return [
    `**${faults.join(', ')}**: ${title}`,
    '',
    ...injections.map((injection) => `- ${describe(injection)}`),
    ...notes.map((note) => `- ${note}`),
    ...problems.map((problem) => `- **${first(problem)}**`),
  ].join('\n');
}

export const reportMark = 'report: written by `npm run chaos -- --report`';

/**
 * Finds the place in the file for the report with this mark. Call it before a long run, so that a wrong file fails at once.
 * @throws CastwatchError CONFIGURATION when the file has no such place
 */
export async function openReport(
  file: string,
  mark: string,
): Promise<{ readonly before: string; readonly after: string }> {
  const begin = `<!-- ${mark} -->`;
  const end = `<!-- end of ${mark} -->`;
  const text = await readFile(file, 'utf8').catch(() => '');
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from >= 0 && to > from) return { before: text.slice(0, from + begin.length), after: text.slice(to) };
  throw new CastwatchError('CONFIGURATION', `${file} has no place for this report.`, {
    remedy: `Add these two lines where the report belongs:\n${begin}\n${end}`,
  });
}

/** Puts the text into its place in the file. */
export async function writeSection(file: string, mark: string, text: string): Promise<void> {
  const { before, after } = await openReport(file, mark);
  await writeFile(file, await inStyle(file, 'markdown', `${before}\n\n${text}\n\n${after}`));
}

/** Puts the report into its place in the file, and writes the same results as JSON next to it. */
export async function writeReliabilityPage(
  file: string,
  from: Provenance,
  results: readonly ScenarioResult[],
): Promise<void> {
  await writeSection(file, reportMark, asMarkdown(from, results));
  const beside = file.replace(/(\.md)?$/, '.json');
  await writeFile(beside, await inStyle(beside, 'json', JSON.stringify({ ...from, results })));
}

async function inStyle(file: string, parser: 'markdown' | 'json', text: string): Promise<string> {
  const { format, resolveConfig } = await import('prettier');
  return format(text, { ...(await resolveConfig(file)), parser });
}
