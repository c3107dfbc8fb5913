/** Flags that several commands share, and the parsers of their values. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { CastwatchError } from '../base/errors.ts';
import { stepNames, type StepName } from '../processors/topology.ts';
import { readConfig } from '../roles/config.ts';
import { sourceFlags, type Flag, type FlagName } from '../sources/source-flags.ts';
import { timePattern } from '../processes/time-pattern.ts';
import { isLive, publishedNames, readersOf, type KindName, type PublishedName } from '../sources/kinds.ts';
import type { PublishFlags } from '../sources/open.ts';

export function parseSpeed(text: string): number | 'max' {
  if (text === 'max') return text;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('Give a number above 0, or max.');
  return value;
}

export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('Give a number above 0.');
  return value;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('Give a whole number from 0.');
  return value;
}

export function positiveInteger(text: string): number {
  const value = positive(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('Give a whole number.');
  return value;
}

export function parseSteps(text: string): readonly StepName[] {
  return text.split(',').map((word) => {
    const step = stepNames.find((name) => name === word.trim());
    if (step === undefined)
      throw new InvalidArgumentError(`There is no step "${word}". The steps are ${stepNames.join(', ')}.`);
    return step;
  });
}

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

export function processOption(): Option {
  return new Option(
    '--process <file>',
    'process definition: the YAML file that describes the plant; overrides CASTWATCH_PROCESS',
  ).default(readConfig().CASTWATCH_PROCESS);
}

export function cellsOption(): Option {
  return new Option(
    '--cells <n>',
    'number of cells (strands, rigs); overrides the cells in the definition',
  ).argParser(positiveInteger);
}

const parsers: Readonly<Record<Exclude<Flag['as'], 'text' | 'texts'>, (text: string) => number>> = {
  positive,
  time: parseTime,
};

/** Makes the option of a source's flag. The help names the kinds of source that read the flag. */
export function sourceOption(name: FlagName, among: readonly KindName[]): Option {
  const { form, as, help, default: usual } = sourceFlags[name];
  const option = new Option(form, `${readersOf(name, among).join(', ')}: ${help}`);
  if (as === 'texts') return option.argParser(collect).default([], 'none');
  if (as !== 'text') option.argParser(parsers[as]);
  return usual === undefined ? option : option.default(usual);
}

const publishedFlags = (Object.keys(sourceFlags) as FlagName[]).filter(
  (name) => readersOf(name, publishedNames).length > 0,
);

const replayed = publishedNames.filter((name) => !isLive(name)).join(', ');

/** Adds the flags that open a source, and those that say how to publish its records. */
export function addSourceOptions(command: Command): Command {
  for (const name of publishedFlags) command.addOption(sourceOption(name, publishedNames));
  return command
    .option(
      '--speed <n|max>',
      `${replayed}: seconds of plant time to publish per second; max: as fast as possible`,
      parseSpeed,
      1,
    )
    .option(
      '--faults <kinds>',
      `${replayed}: faults to inject, drawn with --seed: all, none, or kinds separated by commas`,
      'none',
    );
}

export interface ParsedSourceOptions extends Omit<PublishFlags, 'source'> {
  readonly speed: number | 'max';
}

/** The same options, as command-line arguments for a child process. */
export function sourceArguments(options: ParsedSourceOptions): string[] {
  const given = publishedFlags.flatMap((name) => {
    const { form, as } = sourceFlags[name];
    const flag = form.replace(/ .*/, '');
    return [options[name] ?? []].flat().flatMap((value) => {
      return [flag, as === 'time' ? new Date(value).toISOString() : String(value)];
    });
  });
  return [...given, '--speed', String(options.speed), '--faults', options.faults];
}

/** A live source comes at the plant's own pace, so it takes no speed. @throws CastwatchError CONFIGURATION */
export function requirePaced(source: PublishedName, speed: number | 'max'): void {
  if (!isLive(source) || speed === 1) return;
  throw new CastwatchError(
    'CONFIGURATION',
    `--speed needs a source that can be replayed; ${source} is live.`,
    {
      remedy: 'Leave out --speed. The records of a live source are published as they arrive.',
    },
  );
}

const flagTime = timePattern("yyyy-MM-dd['T'HH:mm[:ss[.S]]XXX]");

/** A day of UTC, or a time with its zone. Without a zone, a time would mean another moment on each machine. */
export function parseTime(text: string): number {
  const time = flagTime.read(text);
  if (time === undefined)
    throw new InvalidArgumentError(
      'Give a time such as 2026-03-01T00:00:00Z, or a day (in UTC) such as 2026-03-01.',
    );
  return time.wall - (time.offset ?? 0);
}

export function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('Give a port from 0 to 65535.');
  return value;
}
