/** The flags that name the history for training and evaluation, and how to open it. */
import { Option, type Command } from 'commander';
import { CastwatchError } from '../../base/errors.ts';
import type { TrueProbability } from '../../models/judging/judge-options.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { OfflineRecord } from '../../processors/offline.ts';
import { readConfig, requireAddresses } from '../../roles/config.ts';
import { openKafkaFor, openPool } from '../../roles/connections.ts';
import { storedReadings } from '../../roles/stored-readings.ts';
import { historyNames, isKept, kindsHelp, type HistoryName } from '../../sources/kinds.ts';
import { openHistory as open } from '../../sources/open.ts';
import type { Replayable } from '../../sources/source.ts';
import { createLogger } from '../../telemetry/log.ts';
import { besideLocalStack } from '../local-stack.ts';
import { positive, positiveInteger, sourceOption } from '../options.ts';

export interface HistoryFlags {
  readonly from?: HistoryName;
  readonly file: readonly string[];
  readonly minutes: number;
  readonly seed: number;
  readonly since?: number;
  readonly until?: number;
}

export interface ModelHistory {
  readonly source: Replayable<OfflineRecord>;
  /** The true probabilities of the history simulated so far; undefined when none was simulated. */
  truth(): TrueProbability | undefined;
  /** Closes the connections that it reads from. */
  close(): Promise<void>;
}

export function addHistoryOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--from <kind>',
        `source of the history; default csv with --file, otherwise simulator. ${kindsHelp(historyNames)}`,
      ).choices(historyNames),
    )
    .addOption(sourceOption('file', historyNames))
    .addOption(sourceOption('since', historyNames))
    .addOption(sourceOption('until', historyNames))
    .option('--minutes <n>', 'simulator: minutes of plant time to simulate', positive, 24 * 60)
    .option('--seed <n>', 'seed of the simulation and of all random numbers', positiveInteger, 1);
}

/**
 * The start of simulated history, by purpose. It is fixed, so the same seed gives the same history. The history for
 * evaluation is weeks after the history for training.
 */
const simulationStart = { training: Date.UTC(2026, 0, 5), evaluation: Date.UTC(2026, 2, 2) };

export type Purpose = keyof typeof simulationStart;

/**
 * @param purpose each purpose has its own simulation, which also differs from that of `start` with the same seed
 * @param onRead called with the share of the kept history that has been read
 * @throws CastwatchError CONFIGURATION when a time is given for a source that cannot be bounded by time
 */
export async function openModelHistory(
  definition: ProcessDefinition,
  flags: HistoryFlags,
  purpose: Purpose,
  onRead: (share: number) => void = () => undefined,
): Promise<ModelHistory> {
  const from = flags.from ?? (flags.file.length > 0 ? 'csv' : 'simulator');
  if (flags.since !== undefined || flags.until !== undefined) requireBounded(from);
  const probabilities = new Map<string, number>();
  const closers: (() => Promise<void>)[] = [];
  const source = await open(
    definition,
    from,
    { ...flags, seed: `${purpose}-${flags.seed}`, startTime: simulationStart[purpose] },
    {
      onRead,
      onSpan: ({ asset, until, probability }) => {
        probabilities.set(`${asset} ${until}`, probability);
      },
      async topics() {
        const config = await besideLocalStack(readConfig());
        const log = createLogger('history', config.LOG_LEVEL);
        const kafka = await openKafkaFor('history', { config, log, signal: AbortSignal.timeout(30_000) });
        closers.push(() => kafka.close());
        return kafka;
      },
      async stored() {
        const { databaseUrl } = requireAddresses(await besideLocalStack(readConfig()), 'databaseUrl');
        const pool = openPool(databaseUrl);
        closers.push(() => pool.end());
        return storedReadings(pool);
      },
    },
  );
  return {
    source,
    truth: () =>
      probabilities.size === 0 ? undefined : (asset, time) => probabilities.get(`${asset} ${time}`),
    async close() {
      for (const close of closers) await close();
    },
  };
}

/** Refuses --since and --until where they would have no effect: the figures would be for another time span. */
function requireBounded(from: HistoryName): void {
  if (isKept(from)) return;
  const bounded = historyNames.filter(isKept).join(' and ');
  throw new CastwatchError(
    'CONFIGURATION',
    `--since and --until work with ${bounded} only; this history is from ${from}.`,
    { remedy: 'Remove them. Shorten the files instead; for simulated history, set --minutes.' },
  );
}
