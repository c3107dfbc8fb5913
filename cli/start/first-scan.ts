/** When a simulation begins, and from when on it is published. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../roles/config.ts';
import { kinds } from '../../sources/kinds.ts';
import type { StartFlags } from './flags.ts';

/** A first look at the console should find trends, not empty charts. */
const historyMs = 20 * 60_000;

/** A simulation is run again from its beginning, which takes about 10 s per simulated week and strand. */
const longestMs = 2 * 24 * 3_600_000;

export function isSimulated({ source }: Pick<StartFlags, 'source'>): boolean {
  if (source === 'none') return false;
  const kind = kinds[source];
  return kind.is === 'replayable' && kind.simulated === true;
}

/** All in ms since the epoch. */
export interface SimulatedTime {
  readonly startTime: number;
  /** Readings from before are simulated and not published; undefined: all are. */
  readonly publishFrom?: number;
}

/**
 * Now; but a live simulation on new local data begins some minutes ago and catches up within seconds, and one on data
 * of an earlier run goes on as the same plant: another one in its place would jump in every signal, and alarm.
 */
export function simulatedTime(flags: StartFlags, config: Config, dataDir: string): SimulatedTime {
  if (flags.startTime !== undefined) return { startTime: flags.startTime };
  const now = Date.now();
  const live = isSimulated(flags) && flags.speed === 1 && flags.minutes === undefined;
  if (!live || config.KAFKA_BROKERS !== undefined) return { startTime: now };
  if (flags.fresh || !existsSync(dataDir)) return { startTime: now - historyMs };
  const earlier = readEarlier(dataDir);
  const goesOn = earlier?.seed === flags.seed && now - earlier.startTime < longestMs;
  return goesOn ? { startTime: earlier.startTime, publishFrom: now } : { startTime: now };
}

const simulation = z.object({ seed: z.string(), startTime: z.number() });

const fileOf = (dataDir: string): string => join(dataDir, 'simulation.json');

/** For the next start on this data. */
export function rememberSimulation(
  dataDir: string,
  { seed }: StartFlags,
  { startTime }: SimulatedTime,
): void {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(fileOf(dataDir), `${JSON.stringify({ seed, startTime })}\n`);
}

/** Undefined when there was none, or its note cannot be read: then another one begins. */
function readEarlier(dataDir: string): z.output<typeof simulation> | undefined {
  try {
    return simulation.safeParse(JSON.parse(readFileSync(fileOf(dataDir), 'utf8'))).data;
  } catch {
    return undefined;
  }
}
