/** The whole pipeline on the shared stack, each role a process of its own, with topics and a database for one test. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { openKafka, openPool, type Kafka } from '../../roles/connections.ts';
import { markTopics, type SourceRun } from '../../proof/ingress.ts';
import { reconcile, type Reconciliation } from '../../proof/reconcile.ts';
import { untilSettled } from '../../proof/settle.ts';
import { superviseRole, type SupervisedRole } from '../../cli/start/supervisor.ts';
import { openDefinition } from '../../roles/open-definition.ts';
import { createTopics } from '../../schemas/admin.ts';
import { migrate } from '../../sinks/timescale/migrate.ts';
import { publish, type PublishSummary } from '../../sources/publish/publish.ts';
import type { Replayable } from '../../sources/source.ts';
import { createLogger } from '../../telemetry/log.ts';
import { localStack, uniqueDatabase, uniquePrefix } from './stack.ts';

export interface Pipeline {
  readonly kafka: Kafka;
  readonly pool: Pool;
  /** What a role of this pipeline runs with. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts a role as `castwatch ARGS`, and waits until it is up. */
  role(name: string, ...args: string[]): Promise<SupervisedRole>;
  publish(source: Replayable, speed?: number): Promise<PublishSummary>;
  /** Waits until all is done, and compares with the oracle; all sources that were published are expected. */
  settleAndReconcile(): Promise<Reconciliation>;
  stop(): Promise<void>;
}

export async function startPipeline(plant: {
  readonly process: string;
  readonly cells?: number;
  /** Folder of all model bundles; the shipped ones when left out. */
  readonly modelsFolder?: string;
  /** For all roles, on top of the addresses. */
  readonly env?: Readonly<Record<string, string>>;
}): Promise<Pipeline> {
  const stack = await localStack();
  const prefix = uniquePrefix();
  const databaseUrl = await uniqueDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'castwatch-pipeline-'));
  const log = createLogger('test', 'warn');
  const definition = openDefinition(plant);
  await createTopics({ brokers: stack.kafkaBrokers, prefix });
  await migrate({ databaseUrl, log: createLogger('test', 'error') });
  const kafka = await openKafka({
    brokers: stack.kafkaBrokers,
    registryUrl: stack.registryUrl,
    prefix,
    clientId: 'test',
    log,
  });
  const pool = openPool(databaseUrl);
  const env = {
    KAFKA_BROKERS: stack.kafkaBrokers.join(','),
    SCHEMA_REGISTRY_URL: stack.registryUrl,
    DATABASE_URL: databaseUrl,
    TOPIC_PREFIX: prefix,
    GATEWAY_PORT: '0',
    LOG_LEVEL: 'info',
    ...(plant.modelsFolder === undefined ? {} : { CASTWATCH_MODELS_DIR: plant.modelsFolder }),
    ...plant.env,
  };
  const roles: SupervisedRole[] = [];
  const feeds: SourceRun[] = [];
  return {
    kafka,
    pool,
    env,
    async role(name, ...args) {
      const logFile = join(folder, `${name}.log`);
      const role = superviseRole({ name, args, env, logFile });
      roles.push(role);
      await role.ready.catch(async (error: unknown) => {
        throw new Error((await readFile(logFile, 'utf8')).slice(-2_000), { cause: error });
      });
      return role;
    },
    async publish(source, speed) {
      feeds.push({ source, since: await markTopics(kafka) });
      const producer = await kafka.transport.producer();
      try {
        return await publish({ source, producer, serde: kafka.serde, prefix, speed: speed ?? 'max' });
      } finally {
        await producer.close();
      }
    },
    async settleAndReconcile() {
      const sources = { ...kafka, pool };
      await untilSettled(sources, {
        patience: 60_000,
        hopeless: () =>
          roles
            .find((role) => role.status()?.halted)
            ?.status()
            ?.problems.join('; '),
      });
      const { modelsFolder } = plant;
      return reconcile({ kafka, pool, definition, feeds, ...(modelsFolder && { modelsFolder }) });
    },
    async stop() {
      for (const role of roles.reverse()) await role.stop();
      await pool.end();
      await kafka.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
