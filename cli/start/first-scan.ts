/** When a simulation begins. */
import { existsSync } from 'node:fs';
import type { Config } from '../config.ts';
import type { StartFlags } from './flags.ts';

/** A first look at the console should find trends, not empty charts. */
const historyMs = 20 * 60_000;

/**
 * Now; but a live simulation on new local data begins some minutes ago and catches up within seconds. Data that is
 * already there stands where the plant's clock had got to: readings from before that would only be late.
 * @returns ms since the epoch
 */
export function firstScan(flags: StartFlags, config: Config, dataDir: string): number {
  if (flags.startTime !== undefined) return flags.startTime;
  const live = flags.source === 'simulator' && flags.speed === 1 && flags.minutes === undefined;
  const isNew = config.KAFKA_BROKERS === undefined && (flags.fresh || !existsSync(dataDir));
  return Date.now() - (live && isNew ? historyMs : 0);
}
