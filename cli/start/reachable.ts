/** Checks the servers that the environment names before anything starts, so that a wrong address fails early. */
import { connect } from 'node:net';
import { CastwatchError, type ErrorCode } from '../../base/errors.ts';
import type { Addresses } from '../../roles/config.ts';

const patienceMs = 5_000;
const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
const postgresPort = 5432;

interface Place {
  readonly host: string;
  readonly port: number;
}

/** @throws CastwatchError KAFKA_, REGISTRY_ or DATABASE_UNAVAILABLE for the first server that accepts no connection */
export async function requireReachable({
  brokers,
  registryUrl,
  databaseUrl,
}: Partial<Addresses>): Promise<void> {
  await Promise.all([
    brokers && requireOne('KAFKA_UNAVAILABLE', 'Kafka', 'KAFKA_BROKERS', brokers.map(brokerPlace)),
    registryUrl &&
      requireOne('REGISTRY_UNAVAILABLE', 'The schema registry', 'SCHEMA_REGISTRY_URL', placeOf(registryUrl)),
    databaseUrl && requireOne('DATABASE_UNAVAILABLE', 'The database', 'DATABASE_URL', placeOf(databaseUrl)),
  ]);
}

function brokerPlace(broker: string): Place {
  const [host = '', port] = broker.split(':');
  return { host, port: Number(port) };
}

/** Empty for a database at a socket in the file system, which is not checked. */
function placeOf(url: string): readonly Place[] {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === ''
    ? []
    : [{ host, port: port === '' ? (defaultPorts[protocol] ?? postgresPort) : Number(port) }];
}

async function requireOne(
  code: ErrorCode,
  what: string,
  variable: string,
  places: readonly Place[],
): Promise<void> {
  const failures = await Promise.all(places.map(failureAt));
  if (failures.length === 0 || failures.includes(undefined)) return;
  throw new CastwatchError(code, `${what} does not answer: ${failures.join('; ')}.`, {
    remedy: `Check that the server is running, or correct or unset ${variable}.`,
  });
}

/** Undefined when a server accepts the connection. */
function failureAt({ host, port }: Place): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: patienceMs });
    const end = (failure?: string): void => {
      socket.destroy();
      resolve(failure === undefined ? undefined : `${host}:${port} (${failure})`);
    };
    socket.once('connect', () => {
      end();
    });
    socket.once('timeout', () => {
      end(`no answer within ${patienceMs / 1000} s`);
    });
    socket.once('error', (error) => {
      end('code' in error ? String(error.code) : error.message);
    });
  });
}
