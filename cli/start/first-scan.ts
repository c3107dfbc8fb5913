/** Decides when a simulation begins, and from which time on its records are published. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../roles/config.ts';
import { kinds } from '../../sources/kinds.ts';
import type { StartFlags } from './flags.ts';

/** Gives the console trends to show from the first moment. */
const historyMs = 20 * 60_000;

/** Continuing a simulation runs it again from its beginning: about 10 s per simulated week and strand. */
const longestMs = 2 * 24 * 3_600_000;

export function isSimulated({ source }: Pick<StartFlags, 'source'>): boolean {
  if (source === 'none') return false;
  const kind = kinds[source];
  return kind.is === 'replayable' && kind.simulated === true;
}

/** All in ms since the epoch. */
export interface SimulatedTime {
  readonly startTime: number;
  /** Earlier readings are simulated but not published. Undefined: all are published. */
  readonly publishFrom?: number;
}

/**
 * A simulation begins now, with two exceptions. At plant speed on new local data it begins 20 minutes ago, and catches up
 * within seconds. At plant speed on the data of an earlier run it continues as the same plant, because another plant
 * would make every signal jump and raise alarms.
 */
export function simulatedTime(flags: StartFlags, config: Config, dataDir: string): SimulatedTime {
  if (flags.startTime !== undefined) return { startTime: flags.startTime };
  const now = Date.now();
  const live = isSimulated(flags) && flags.speed === 1 && flags.minutes === undefined;
  if (!live || config.KAFKA_BROKERS !== undefined) return { startTime: now };
  if (flags.fresh || !existsSync(dataDir)) return { startTime: now - historyMs };
  const earlier = readEarlier(dataDir);
  const continues = earlier?.seed === flags.seed && now - earlier.startTime < longestMs;
  return continues ? { startTime: earlier.startTime, publishFrom: now } : { startTime: now };
}

const simulation = z.object({ seed: z.string(), startTime: z.number() });

const fileOf = (dataDir: string): string => join(dataDir, 'simulation.json');

/** Stores the seed and the beginning, so that the next start on this data can continue the simulation. */
export function rememberSimulation(
  dataDir: string,
  { seed }: StartFlags,
  { startTime }: SimulatedTime,
): void {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(fileOf(dataDir), `${JSON.stringify({ seed, startTime })}\n`);
}

/** Undefined when there was no earlier simulation or its file cannot be read; a new simulation then begins. */
function readEarlier(dataDir: string): z.output<typeof simulation> | undefined {
  try {
    return simulation.safeParse(JSON.parse(readFileSync(fileOf(dataDir), 'utf8'))).data;
  } catch {
    return undefined;
  }
}
