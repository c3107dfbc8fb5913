/** Configuration from the environment, parsed once. Flags come on top of it. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { CastwatchError } from '../base/errors.ts';
import { localFolder } from '../local/parts.ts';

const port = z.coerce.number().int().min(0).max(65_535);

/** An empty variable is as good as none, as compose files give them. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const environment = z.object({
  /** `host:port`, several with commas. */
  KAFKA_BROKERS: optional(
    z
      .string()
      .transform((list) => list.split(',').map((broker) => broker.trim()))
      .refine(
        (brokers) => brokers.every((broker) => /^[^\s:]+:\d+$/.test(broker)),
        'host:port, several with commas',
      ),
  ),
  /** Where the Confluent-compatible API begins. */
  SCHEMA_REGISTRY_URL: optional(z.url()),
  DATABASE_URL: optional(z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')),
  /** A file that holds the URL, for secrets. */
  DATABASE_URL_FILE: optional(z.string()),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** 0 takes a free one. */
  GATEWAY_PORT: port.default(8080),
  GATEWAY_HOST: z.string().default('127.0.0.1'),
  /** Where a role serves /health, /ready and /metrics; none when left out, and 0 takes a free one. */
  HEALTH_PORT: optional(port),
  HEALTH_HOST: z.string().default('127.0.0.1'),
  /** Put before the names of topics, groups and transactional ids, so that installations can share a broker. */
  TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]*$/, 'letters, digits and . _ -')
    .default(''),
  /** The process definition. */
  CASTWATCH_PROCESS: z.string().default('processes/casting.yaml'),
  /** The folder of all model bundles, one folder per process in it; default is models/bundles. */
  CASTWATCH_MODELS_DIR: optional(z.string()),
  /** The local stack's data and the positions of live sources; default is below .castwatch/data, one folder per process. */
  CASTWATCH_DATA_DIR: optional(z.string()),
});

export type Config = z.output<typeof environment>;

/** @throws CastwatchError CONFIGURATION, naming every variable that is wrong */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new CastwatchError('CONFIGURATION', `The environment does not hold: ${problems.join('; ')}.`, {
      remedy: 'Correct or unset these variables.',
    });
  }
  const config = parsed.data;
  if (config.DATABASE_URL_FILE === undefined) return config;
  return { ...config, DATABASE_URL: readSecret(config.DATABASE_URL_FILE) };
}

/** Where this machine keeps what belongs to a process: the local stack's data, and the positions of live sources. */
export const dataFolder = ({ CASTWATCH_DATA_DIR }: Config, process: string): string =>
  resolve(CASTWATCH_DATA_DIR ?? join(localFolder, 'data', process));

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new CastwatchError('CONFIGURATION', `DATABASE_URL_FILE names ${file}, which cannot be read.`, {
      cause,
    });
  }
}

/** Where the parts are: all that a role needs to know of its surroundings. */
export interface Addresses {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** With the password in it: not for logs. */
  readonly databaseUrl: string;
}

const variables = {
  brokers: 'KAFKA_BROKERS',
  registryUrl: 'SCHEMA_REGISTRY_URL',
  databaseUrl: 'DATABASE_URL',
} as const satisfies Record<keyof Addresses, keyof Config>;

/** @throws CastwatchError CONFIGURATION when one that is needed is not configured */
export function requireAddresses<Part extends keyof Addresses>(
  config: Config,
  ...parts: Part[]
): Pick<Addresses, Part> {
  const missing = parts.map((part) => variables[part]).filter((variable) => config[variable] === undefined);
  if (missing.length > 0) {
    throw new CastwatchError('CONFIGURATION', `${missing.join(' and ')} must be set for this command.`, {
      remedy:
        'Set it, or use `npm start`, which brings up a stack of its own; beside that one it is found by itself.',
    });
  }
  const given: Partial<Addresses> = knownAddresses(config);
  return given as Pick<Addresses, Part>;
}

export function knownAddresses(config: Config): Partial<Addresses> {
  return {
    ...(config.KAFKA_BROKERS === undefined ? {} : { brokers: config.KAFKA_BROKERS }),
    ...(config.SCHEMA_REGISTRY_URL === undefined ? {} : { registryUrl: config.SCHEMA_REGISTRY_URL }),
    ...(config.DATABASE_URL === undefined ? {} : { databaseUrl: config.DATABASE_URL }),
  };
}

/** The same addresses for a child process. */
export function asEnvironment({ brokers, registryUrl, databaseUrl }: Addresses): Record<string, string> {
  return {
    KAFKA_BROKERS: brokers.join(','),
    SCHEMA_REGISTRY_URL: registryUrl,
    DATABASE_URL: databaseUrl,
    DATABASE_URL_FILE: '',
  };
}
