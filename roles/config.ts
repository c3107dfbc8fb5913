/** Configuration from environment variables, parsed once. Flags override it. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { compressions } from '../stream/index.ts';
import { CastwatchError } from '../base/errors.ts';
import { localFolder } from '../local/parts/java-parts.ts';

const port = z.coerce.number().int().min(0).max(65_535);

/** An empty variable counts as unset, because compose files pass unset variables as empty ones. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const environment = z.object({
  /** `host:port`, several separated by commas. */
  KAFKA_BROKERS: optional(
    z
      .string()
      .transform((list) => list.split(',').map((broker) => broker.trim()))
      .refine(
        (brokers) => brokers.every((broker) => /^[^\s:]+:\d+$/.test(broker)),
        'must be host:port, several separated by commas',
      ),
  ),
  /** Base URL of the schema registry's Confluent-compatible API. */
  SCHEMA_REGISTRY_URL: optional(z.url()),
  DATABASE_URL: optional(z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')),
  /** A file that contains the URL, such as a mounted secret. Replaces DATABASE_URL. */
  DATABASE_URL_FILE: optional(z.string()),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** 0 takes a free port. */
  GATEWAY_PORT: port.default(8080),
  GATEWAY_HOST: z.string().default('127.0.0.1'),
  /** Port on which a role serves /health, /ready and /metrics. Not served when unset; 0 takes a free port. */
  HEALTH_PORT: optional(port),
  HEALTH_HOST: z.string().default('127.0.0.1'),
  /** The codec that record batches are written with. All codecs are read. */
  KAFKA_COMPRESSION: z.enum(compressions).default('none'),
  /** Prefix of the names of topics, groups and transactional ids, so that several installations can share a broker. */
  TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]*$/, 'may contain only letters, digits and . _ -')
    .default(''),
  /** File of the process definition. */
  CASTWATCH_PROCESS: z.string().default('processes/casting.yaml'),
  /** Folder of all model bundles, with a folder per process; default models/bundles. */
  CASTWATCH_MODELS_DIR: optional(z.string()),
  /** Folder of the local stack's data and of the positions of live sources; default .castwatch/data/<process>. */
  CASTWATCH_DATA_DIR: optional(z.string()),
});

export type Config = z.output<typeof environment>;

/** @throws CastwatchError CONFIGURATION that names every invalid variable */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new CastwatchError('CONFIGURATION', `Invalid environment variables: ${problems.join('; ')}.`, {
      remedy: 'Correct or unset these variables.',
    });
  }
  const config = parsed.data;
  if (config.DATABASE_URL_FILE === undefined) return config;
  return { ...config, DATABASE_URL: readSecret(config.DATABASE_URL_FILE) };
}

/** The folder on this machine for the data of one process: the local stack's data and the positions of live sources. */
export const dataFolder = ({ CASTWATCH_DATA_DIR }: Config, process: string): string =>
  resolve(CASTWATCH_DATA_DIR ?? join(localFolder, 'data', process));

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new CastwatchError('CONFIGURATION', `DATABASE_URL_FILE names ${file}, which cannot be read.`, {
      remedy: 'Correct the path, or let this user read the file.',
      cause,
    });
  }
}

/** The addresses of the parts that a role depends on. */
export interface Addresses {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** Contains the password: never log it. */
  readonly databaseUrl: string;
}

const variables = {
  brokers: 'KAFKA_BROKERS',
  registryUrl: 'SCHEMA_REGISTRY_URL',
  databaseUrl: 'DATABASE_URL',
} as const satisfies Record<keyof Addresses, keyof Config>;

/** @throws CastwatchError CONFIGURATION when the address of a required part is not set */
export function requireAddresses<Part extends keyof Addresses>(
  config: Config,
  ...parts: Part[]
): Pick<Addresses, Part> {
  const missing = parts.map((part) => variables[part]).filter((variable) => config[variable] === undefined);
  if (missing.length > 0) {
    throw new CastwatchError('CONFIGURATION', `${missing.join(' and ')} must be set for this command.`, {
      remedy:
        'Set it, or run `npm start`, which starts local servers. While they run, other commands find their addresses.',
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

/** The addresses as environment variables for a child process. */
export function asEnvironment({ brokers, registryUrl, databaseUrl }: Addresses): Record<string, string> {
  return {
    KAFKA_BROKERS: brokers.join(','),
    SCHEMA_REGISTRY_URL: registryUrl,
    DATABASE_URL: databaseUrl,
    DATABASE_URL_FILE: '',
  };
}
