/** Runs roles of the product as processes, for measurements from end to end. */
import { join } from 'node:path';
import type { RoleMessage } from '../../roles/role.ts';
import { Child } from './child.ts';
import type { Run } from './contender.ts';

const entry = join(import.meta.dirname, '../../cli/castwatch.ts');

/** @param args the arguments of the command: `['sink']`, `['process', '--steps', 'validate']` */
export function startRole(
  { brokers, registryUrl, kafka, folder, profile }: Run,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Child {
  return new Child({
    file: process.execPath,
    args: [...(profile ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []), entry, ...args],
    env: {
      KAFKA_BROKERS: brokers.join(','),
      SCHEMA_REGISTRY_URL: registryUrl,
      TOPIC_PREFIX: kafka.prefix,
      LOG_LEVEL: 'warn',
      ...env,
    },
    logFile: join(folder, `${args.join('-').replace(/[^\w-]/g, '')}.log`),
    ready: (message) => {
      const told = message as RoleMessage;
      return told.kind === 'status' && told.status.ready;
    },
  });
}
