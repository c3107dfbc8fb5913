/** Lets commands find the parts of a running `npm start`, so that the user need not give their addresses. */
import { join, resolve } from 'node:path';
import { localFolder } from '../local/parts/java-parts.ts';
import { findAllRunning, findRunning, type RunningStack } from '../local/running.ts';
import { CastwatchError } from '../base/errors.ts';
import type { Config } from '../roles/config.ts';

/**
 * Adds the addresses of the running local stack to the configuration: the stack in CASTWATCH_DATA_DIR, or the only one
 * below `.castwatch/data`. If the environment gives the address of a part that the stack runs too, the command is meant
 * for another installation, and no address of the stack is used.
 * @throws CastwatchError CONFIGURATION when several stacks run and CASTWATCH_DATA_DIR is not set
 */
export async function besideLocalStack(config: Config, parent = join(localFolder, 'data')): Promise<Config> {
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL, DATABASE_URL, CASTWATCH_DATA_DIR: dataDir } = config;
  if ([KAFKA_BROKERS, SCHEMA_REGISTRY_URL, DATABASE_URL].every((given) => given !== undefined)) return config;
  const stack = dataDir === undefined ? await only(parent) : await findRunning(resolve(dataDir));
  if (stack === undefined) return config;
  const found = {
    ...(stack.kafkaBrokers === undefined ? {} : { KAFKA_BROKERS: stack.kafkaBrokers }),
    ...(stack.registryUrl === undefined ? {} : { SCHEMA_REGISTRY_URL: stack.registryUrl }),
    ...(stack.databaseUrl === undefined ? {} : { DATABASE_URL: stack.databaseUrl }),
  } satisfies Partial<Config>;
  const isElsewhere = (Object.keys(found) as (keyof typeof found)[]).some(
    (name) => config[name] !== undefined,
  );
  return isElsewhere ? config : { ...config, ...found };
}

async function only(parent: string): Promise<RunningStack | undefined> {
  const running = await findAllRunning(parent);
  if (running.size > 1) {
    throw new CastwatchError(
      'CONFIGURATION',
      `Several local stacks are running: ${[...running.keys()].join(', ')}.`,
      {
        remedy: 'Set CASTWATCH_DATA_DIR to the data folder of the stack to use.',
      },
    );
  }
  return [...running.values()][0];
}
