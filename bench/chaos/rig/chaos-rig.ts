/** The running pipeline into which one fault is injected: its own topics, database and processes on a shared stack. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { asEnvironment } from '../../../roles/config.ts';
import { openKafka, openPool, type Kafka } from '../../../roles/connections.ts';
import { openDefinition } from '../../../roles/open-definition.ts';
import { openSource } from '../../../sources/open.ts';
import { DeletedRecords } from '../../../proof/deleted-records.ts';
import { reconcile, type Reconciliation } from '../../../proof/reconcile.ts';
import { untilSettled } from '../../../proof/settle.ts';
import { newDatabase } from '../../../local/postgres/new-database.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { createTopics } from '../../../schemas/admin.ts';
import type { ProcessDefinition } from '../../../processes/schema.ts';
import { migrate } from '../../../sinks/timescale/migrate.ts';
import { NamedRandom } from '../../../base/random.ts';
import type { Replayable } from '../../../sources/source.ts';
import { createLogger } from '../../../telemetry/log.ts';
import type { SpoilOptions } from '../fault.ts';
import { startPacedFeed, type PacedFeed } from './paced-feed.ts';
import { Fleet, readers, type FleetOptions } from './fleet.ts';
import { watchProgress, type CommitProgress } from '../checks/commit-progress.ts';
import { brokersBy, databaseBy, type ChaosStack, type ChaosLinks } from './chaos-stack.ts';
import { OpenTransactions } from '../checks/open-transactions.ts';

export interface ChaosRigOptions {
  readonly chaosStack: ChaosStack;
  /** The connections that go over a link; none by default. */
  readonly by?: keyof ChaosLinks | undefined;
  readonly process: string;
  readonly cells: number;
  readonly seed: string;
  /** Plant seconds per second. */
  readonly speed: number;
  readonly say: (line: string) => void;
  /** Keeps a sentence for the report. */
  readonly note: (text: string) => void;
  /** Faults that the simulator puts into the stream. */
  readonly sourceFaults?: 'all' | 'none';
  /** Spoils the stream further. */
  readonly spoil?: (source: Replayable, surroundings: SpoilOptions) => Replayable;
}

export interface ChaosRig {
  readonly stack: LocalStack;
  readonly links: ChaosLinks;
  readonly definition: ProcessDefinition;
  readonly kafka: Kafka;
  readonly pool: Pool;
  /** URL of the pipeline's database, without a link. */
  readonly databaseUrl: string;
  readonly fleet: Fleet;
  readonly progress: CommitProgress;
  readonly transactions: OpenTransactions;
  readonly random: NamedRandom;
  readonly feed: PacedFeed;
  /** Copies of what a fault has deleted; the oracle knows the records by them. */
  readonly deleted: DeletedRecords;
  /** Environment variables for processes of this pipeline. */
  readonly env: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
  readonly note: (text: string) => void;
  /** Resolves when everything on the topics has been processed to its end. */
  untilSettled(): Promise<void>;
  /** Ends the feed, waits until everything has been processed, and compares with the oracle. */
  settle(): Promise<Reconciliation>;
  stop(): Promise<void>;
}

/** The same for every run, so that the seed alone determines the stream. */
export const firstScan = Date.parse('2026-03-01T06:00:00Z');
const log = createLogger('chaos', process.env['LOG_LEVEL'] ?? 'error');

export async function startChaosRig(options: ChaosRigOptions): Promise<ChaosRig> {
  const { chaosStack, seed, say, note } = options;
  const { stack, links } = chaosStack;
  const prefix = `c-${randomBytes(4).toString('hex')}-`;
  const databaseUrl = await newDatabase(stack.databaseUrl, prefix.replaceAll('-', '_'));
  const definition = openDefinition(options);
  const addresses = { brokers: stack.kafkaBrokers, registryUrl: stack.registryUrl, databaseUrl };
  await createTopics({ brokers: stack.kafkaBrokers, prefix });
  await migrate({ databaseUrl, log, definitions: [definition] });
  const kafka = await openKafka({ ...addresses, prefix, clientId: 'chaos', log });
  const pool = openPool(databaseUrl);
  const env = { ...asEnvironment(addresses), TOPIC_PREFIX: prefix, LOG_LEVEL: 'info', HEALTH_PORT: '0' };
  const plant = ['--process', options.process, '--cells', String(options.cells)];
  const logDir = join(stack.dataDir, 'roles', prefix);
  const linked = linkedMembers(options.by, links, databaseUrl);
  const fleet = new Fleet({ env, plant, logDir, perReader: 2, ...(linked === undefined ? {} : { linked }) });
  const progress = watchProgress(kafka, pool);
  const deleted = new DeletedRecords();
  let feed: PacedFeed | undefined;
  const settled = (): Promise<void> =>
    untilSettled({ ...kafka, pool }, { patience: 90_000, hopeless: () => fleet.halted() });

  async function stop(): Promise<void> {
    await feed?.end().catch(() => undefined);
    await fleet.stop();
    await progress.stop();
    await pool.end();
    await kafka.close();
  }

  try {
    await fleet.start();
    const source = await openSource(definition, {
      source: 'simulator',
      file: [],
      seed,
      faults: options.sourceFaults ?? 'all',
      startTime: firstScan,
    });
    feed = await startPacedFeed(
      options.spoil?.(source, { seed, definition, kafka }) ?? source,
      options.speed,
      kafka,
      log,
    );
    const running = feed;
    await Promise.all(readers.map((reader) => progress.flowing(reader)));
    return {
      stack,
      links,
      definition,
      kafka,
      pool,
      databaseUrl,
      fleet,
      progress,
      transactions: new OpenTransactions(stack.kafkaBrokers, kafka.topics, prefix, pool),
      random: new NamedRandom(`${seed}|chaos`),
      feed: running,
      deleted,
      env,
      say,
      note,
      untilSettled: settled,
      async settle() {
        const { published } = await running.end();
        say(`  ${published.sensorReadings} readings published; settling …`);
        await settled();
        return reconcile({ kafka, pool, definition, feeds: [running], deleted });
      },
      async stop() {
        await stop();
        await rm(logDir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function linkedMembers(
  by: keyof ChaosLinks | undefined,
  links: ChaosLinks,
  databaseUrl: string,
): FleetOptions['linked'] {
  switch (by) {
    case undefined:
      return undefined;
    case 'broker':
      return { env: { KAFKA_BROKERS: brokersBy(links.broker) }, isLinked: (_reader, index) => index === 0 };
    case 'database':
      return {
        env: { DATABASE_URL: databaseBy(links.database, databaseUrl) },
        isLinked: (reader) => reader === 'sink',
      };
  }
}
