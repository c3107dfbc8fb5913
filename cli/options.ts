/** Flags that several commands share, and their parsers. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { stepNames, type StepName } from '../processors/wiring.ts';
import { readConfig } from '../roles/config.ts';

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
    'so many cells (strands, rigs) instead of those in the definition',
  ).argParser(positiveInteger);
}

/** What a source is made of. */
export function addSourceOptions(command: Command): Command {
  return command
    .option('--file <glob>', 'files to replay, quoted; may be given several times', collect, [])
    .option('--speed <n|max>', 'plant seconds per second, or as fast as it goes', parseSpeed, 1)
    .option('--seed <seed>', 'of the simulation and of the faults', '1')
    .option('--faults <kinds>', 'put in: all, none, or kinds with commas between', 'none')
    .option('--minutes <n>', 'of plant time to simulate; without end when left out', positive)
    .option(
      '--start-time <time>',
      'of the simulation, ISO 8601; when left out: now, or 20 minutes ago on new local data',
      parseTime,
    );
}

export function parseTime(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('It must be a time such as 2026-03-01T00:00:00Z.');
  return time;
}

export interface ParsedSourceOptions {
  readonly file: readonly string[];
  readonly speed: number | 'max';
  readonly seed: string;
  readonly faults: string;
  readonly minutes?: number;
  readonly startTime?: number;
}

export function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('It must be 0 to 65535.');
  return value;
}
