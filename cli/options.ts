/** Flags that several commands share, and their parsers. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { CastwatchError } from '../base/errors.ts';
import { stepNames, type StepName } from '../processors/topology.ts';
import { readConfig } from '../roles/config.ts';
import { sourceFlags, type Flag, type FlagName } from '../sources/flags.ts';
import { isLive, publishedNames, readersOf, type KindName, type PublishedName } from '../sources/kinds.ts';
import type { PublishFlags } from '../sources/open.ts';

export function parseSpeed(text: string): number | 'max' {
  if (text === 'max') return text;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('It must be a number above 0, or max.');
  return value;
}

export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

export function positiveInteger(text: string): number {
  const value = positive(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

export function parseSteps(text: string): readonly StepName[] {
  return text.split(',').map((word) => {
    const step = stepNames.find((name) => name === word.trim());
    if (step === undefined)
      throw new InvalidArgumentError(`There is no step "${word}"; there are ${stepNames.join(', ')}.`);
    return step;
  });
}

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

export function processOption(): Option {
  return new Option('--process <file>', 'the process definition').default(readConfig().CASTWATCH_PROCESS);
}

export function cellsOption(): Option {
  return new Option(
    '--cells <n>',
    'number of cells (strands, rigs); overrides those in the definition',
  ).argParser(positiveInteger);
}

const parsers: Readonly<Record<Exclude<Flag['as'], 'text' | 'texts'>, (text: string) => number>> = {
  positive,
  time: parseTime,
};

/** One of the flags that sources read; its help names the kinds that read it. */
export function sourceOption(name: FlagName, among: readonly KindName[]): Option {
  const { form, as, help, default: usual } = sourceFlags[name];
  const option = new Option(form, `${readersOf(name, among).join(', ')}: ${help}`);
  if (as === 'texts') return option.argParser(collect).default([]);
  if (as !== 'text') option.argParser(parsers[as]);
  return usual === undefined ? option : option.default(usual);
}

const publishedFlags = (Object.keys(sourceFlags) as FlagName[]).filter(
  (name) => readersOf(name, publishedNames).length > 0,
);

/** What a source is opened with, and how its records are published. */
export function addSourceOptions(command: Command): Command {
  for (const name of publishedFlags) command.addOption(sourceOption(name, publishedNames));
  return command
    .option(
      '--speed <n|max>',
      'replay: plant seconds per second, or max for as fast as it goes',
      parseSpeed,
      1,
    )
    .option(
      '--faults <kinds>',
      'replay: faults to put in, drawn by --seed: all, none, or kinds with commas between',
      'none',
    );
}

export interface ParsedSourceOptions extends Omit<PublishFlags, 'source'> {
  readonly speed: number | 'max';
}

/** The same options for another process. */
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

/** A live source has the plant's own pace. @throws CastwatchError CONFIGURATION */
export function requirePaced(source: PublishedName, speed: number | 'max'): void {
  if (!isLive(source) || speed === 1) return;
  throw new CastwatchError('CONFIGURATION', `--speed paces a replay, and ${source} is live.`, {
    remedy: 'Leave out --speed: a live source is published as it comes in.',
  });
}

export function parseTime(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('It must be a time such as 2026-03-01T00:00:00Z.');
  return time;
}

export function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('It must be 0 to 65535.');
  return value;
}
