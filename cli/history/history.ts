/** The history that models learn from and are judged on: the flags that name it, and what gives it. */
import { type Command, Option } from 'commander';
import type { TrueProbability } from '../../models/judging/judge-options.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { OfflineRecords } from '../../processors/offline.ts';
import { createCsvSource } from '../../sources/csv/csv.ts';
import { createSimulator } from '../../sources/simulator/simulator.ts';
import { CastwatchError } from '../../base/errors.ts';
import { createLogger } from '../../telemetry/log.ts';
import type { Malformed } from '../../base/malformed.ts';
import { readConfig, requireAddresses } from '../../roles/config.ts';
import { openKafkaFor, openPool } from '../../roles/connections.ts';
import { besideLocalStack } from '../local-stack.ts';
import { parseTime, positive, positiveInteger } from '../options.ts';
import { databaseHistory } from '../../roles/history/database.ts';
import type { OnRead } from '../../roles/history/kept.ts';
import { topicHistory } from '../../roles/history/topic.ts';

const kinds = ['simulator', 'csv', 'topic', 'db'] as const;

export interface HistoryFlags {
  readonly from?: (typeof kinds)[number];
  readonly file: readonly string[];
  readonly minutes: number;
  readonly seed: number;
  readonly since?: number;
  readonly until?: number;
}

export interface History {
  readonly source: OfflineRecords & { malformed?(): Malformed };
  /** Of simulated history. */
  readonly truth?: TrueProbability;
  /** Lets go of what it is read from. */
  readonly close: () => Promise<void>;
}

export function addHistoryOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--from <kind>',
        'where the history comes from; topic is what lies on the input topics of a running Castwatch, db what its ' +
          'database has stored; csv when files are named, else simulator',
      ).choices(kinds),
    )
    .option(
      '--file <glob>',
      'history files, quoted; may be given several times',
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option('--since <time>', 'of topic and db: readings from this event time on, ISO 8601', parseTime)
    .option('--until <time>', 'of topic and db: readings before this event time, ISO 8601', parseTime)
    .option('--minutes <n>', 'of plant time to simulate', positive, 24 * 60)
    .option('--seed <n>', 'of the simulation and of everything drawn', positiveInteger, 1);
}

/**
 * Where simulated history begins, by purpose: the same seed is then the same history, and what is judged on lies
 * weeks after what was learnt from.
 */
const simulationStart = { training: Date.UTC(2026, 0, 5), evaluation: Date.UTC(2026, 2, 2) };

export type Purpose = keyof typeof simulationStart;

/**
 * @param purpose its simulation is a stream of its own, apart from the one that `start` shows with the same seed.
 * @param onRead of topic and db
 */
export async function openHistory(
  definition: ProcessDefinition,
  flags: HistoryFlags,
  purpose: Purpose,
  onRead?: OnRead,
): Promise<History> {
  const from = flags.from ?? (flags.file.length > 0 ? 'csv' : 'simulator');
  if (flags.since !== undefined || flags.until !== undefined) requireBounded(from);
  switch (from) {
    case 'topic':
      return fromTopic(flags, onRead);
    case 'db':
      return fromDatabase(definition, flags, onRead);
    case 'csv':
      return fromFiles(definition, flags);
    case 'simulator':
      return simulated(definition, flags, purpose);
  }
}

/** Figures for another span than the one that was asked for would look just as good. */
function requireBounded(from: (typeof kinds)[number]): void {
  if (from === 'topic' || from === 'db') return;
  throw new CastwatchError(
    'CONFIGURATION',
    `--since and --until bound topic and db, and history is from ${from}.`,
    {
      remedy: 'Leave them out, or cut the files; simulated history is as long as --minutes says.',
    },
  );
}

async function fromTopic(flags: HistoryFlags, onRead: OnRead | undefined): Promise<History> {
  const config = await besideLocalStack(readConfig());
  const log = createLogger('history', config.LOG_LEVEL);
  const kafka = await openKafkaFor('history', { config, log, signal: AbortSignal.timeout(30_000) });
  return { source: topicHistory(kafka, flags, onRead), close: () => kafka.close() };
}

async function fromDatabase(
  definition: ProcessDefinition,
  flags: HistoryFlags,
  onRead: OnRead | undefined,
): Promise<History> {
  const { databaseUrl } = requireAddresses(await besideLocalStack(readConfig()), 'databaseUrl');
  const pool = openPool(databaseUrl);
  return { source: databaseHistory(pool, definition, flags, onRead), close: () => pool.end() };
}

async function fromFiles(definition: ProcessDefinition, { file }: HistoryFlags): Promise<History> {
  if (file.length === 0) {
    throw new CastwatchError('CONFIGURATION', 'History from csv was asked for, and no files were named.', {
      remedy: "Name them with --file 'GLOB', quoted; it may be given several times.",
    });
  }
  return { source: await createCsvSource({ definition, files: file }), close: () => Promise.resolve() };
}

function simulated(
  definition: ProcessDefinition,
  { seed, minutes }: HistoryFlags,
  purpose: Purpose,
): History {
  const probabilities = new Map<string, number>();
  const source = createSimulator({
    definition,
    seed: `${purpose}-${seed}`,
    start: simulationStart[purpose],
    duration: minutes * 60_000,
    onSpan: ({ asset, until, probability }) => {
      probabilities.set(`${asset} ${until}`, probability);
    },
  });
  return {
    source,
    truth: (asset, time) => probabilities.get(`${asset} ${time}`),
    close: () => Promise.resolve(),
  };
}
