/** Commands beside a running `npm start`: the parts that it runs are found, and need not be named. */
import { join, resolve } from 'node:path';
import { localFolder } from '../local/parts.ts';
import { findAllRunning, findRunning, type RunningStack } from '../local/running.ts';
import { CastwatchError } from '../base/errors.ts';
import type { Config } from '../roles/config.ts';

/**
 * The configuration with the addresses of the local stack that runs, if one does: that in CASTWATCH_DATA_DIR, or the
 * only one below `.castwatch/data`. Where the environment names a part that the stack has too, it means other
 * surroundings, and nothing of the stack is taken.
 * @throws CastwatchError CONFIGURATION when several run and none is named
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
      `Several local stacks run: ${[...running.keys()].join(', ')}.`,
      {
        remedy: 'Set CASTWATCH_DATA_DIR to the one that is meant.',
      },
    );
  }
  return [...running.values()][0];
}
