/** Kafka, registry and database for `start`: those that the environment names, and local ones for the rest. */
import { startLocalStack, type LocalStack, type PartExit, type StackPartName } from '../../local/stack.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { createTopics } from '../../schemas/admin.ts';
import { createRegistryClient } from '../../schemas/registry-client.ts';
import { registerSchemas } from '../../schemas/registry.ts';
import { migrate } from '../../sinks/timescale/migrate.ts';
import type { Logger } from '../../telemetry/log.ts';
import { knownAddresses, type Addresses, type Config } from '../../roles/config.ts';
import { sentence } from '../../roles/role.ts';
import { requireReachable } from './reachable.ts';

export interface Parts {
  readonly addresses: Addresses;
  /** Undefined when all are somebody else's. */
  readonly stack: LocalStack | undefined;
}

export interface PartsOptions {
  readonly config: Config;
  readonly dataDir: string;
  readonly log: Logger;
  /** For people. */
  readonly say: (line: string) => void;
  /** A part ended for good. */
  readonly onLost: (reason: string) => void;
}

const titles: Readonly<Record<StackPartName, string>> = {
  kafka: 'Kafka',
  registry: 'the schema registry',
  database: 'PostgreSQL',
};
const mostRestarts = 5;

export async function bringUp({ config, dataDir, log, say, onLost }: PartsOptions): Promise<Parts> {
  const given = knownAddresses(config);
  await requireReachable(given);
  const only: StackPartName[] = [];
  if (given.brokers === undefined) only.push('kafka');
  if (given.registryUrl === undefined) only.push('registry');
  if (given.databaseUrl === undefined) only.push('database');
  if (only.length === 0) return { addresses: given as Addresses, stack: undefined };

  say(`starting ${only.map((part) => titles[part]).join(', ')} …`);
  const began = Date.now();
  const stack = await startLocalStack({ dataDir, only, log, onPartLost });
  say(`up after ${((Date.now() - began) / 1000).toFixed(1)} s; data in ${dataDir}`);
  const { kafkaBrokers: brokers, registryUrl, databaseUrl } = stack;
  return { addresses: { brokers, registryUrl, databaseUrl, ...given }, stack };

  function onPartLost(exit: PartExit): void {
    void restart(exit);
  }

  async function restart({ name, code, signal }: PartExit): Promise<void> {
    const how = signal ?? `exit status ${code ?? 0}`;
    if (!isPart(name)) {
      onLost(`the guard of the local stack ended (${how})`);
      return;
    }
    const count = (restarts[name] = (restarts[name] ?? 0) + 1);
    if (count > mostRestarts) {
      onLost(`${titles[name]} ended ${count} times, the last time with ${how}`);
      return;
    }
    say(`${titles[name]} ended (${how}); starting it again`);
    await stack.start(name).catch((error: unknown) => {
      onLost(sentence(error));
    });
  }
}

const restarts: Partial<Record<StackPartName, number>> = {};
const isPart = (name: string): name is StackPartName => name in titles;

/** Topics, schemas and tables: all made if they are not there. */
export async function prepareParts(
  { brokers, registryUrl, databaseUrl }: Addresses,
  prefix: string,
  definition: ProcessDefinition,
  log: Logger,
): Promise<readonly string[]> {
  const [topics, , migrated] = await Promise.all([
    createTopics({ brokers, prefix }),
    registerSchemas(createRegistryClient({ url: registryUrl }), { prefix }),
    migrate({ databaseUrl, log, definitions: [definition] }),
  ]);
  const server =
    migrated.kind === 'timescaledb'
      ? []
      : ['the database has no TimescaleDB: plain tables, no compression, no retention'];
  return [...server, ...topics.differences];
}
