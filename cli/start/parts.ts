/** Kafka, schema registry and database for `start`: those that the environment names, and local ones for the rest. */
import { startLocalStack, type LocalStack, type PartExit, type StackPartName } from '../../local/stack.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { createTopics } from '../../schemas/admin.ts';
import { createRegistryClient } from '../../schemas/registry/client.ts';
import { registerSchemas } from '../../schemas/registry/register.ts';
import { migrate } from '../../sinks/timescale/migrate.ts';
import type { Logger } from '../../telemetry/log.ts';
import { knownAddresses, type Addresses, type Config } from '../../roles/config.ts';
import { sentence } from '../../roles/role.ts';
import { requireReachable } from './reachable.ts';

export interface Parts {
  readonly addresses: Addresses;
  /** Undefined when the environment names all three parts, so that none is started here. */
  readonly stack: LocalStack | undefined;
}

export interface PartsOptions {
  readonly config: Config;
  readonly dataDir: string;
  readonly log: Logger;
  /** Prints a line for the operator. */
  readonly say: (line: string) => void;
  /** Called when a part has ended and will not be restarted. */
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
  say(`started within ${((Date.now() - began) / 1000).toFixed(1)} s; data in ${dataDir}`);
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
    say(`${titles[name]} ended (${how}); restarting it`);
    await stack.start(name).catch((error: unknown) => {
      onLost(sentence(error));
    });
  }
}

const restarts: Partial<Record<StackPartName, number>> = {};
const isPart = (name: string): name is StackPartName => name in titles;

/**
 * Creates missing topics, schemas and tables.
 * @returns remarks for the operator: differences that were left as they are
 */
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
      : ['the database has no TimescaleDB: it stores plain tables, without compression and retention'];
  return [...server, ...topics.differences];
}
