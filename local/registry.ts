/** Runs the schema registry (Apicurio), with its schemas in a file database. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cdsArchive } from './kafka.ts';
import type { Part, PartSettings } from './parts/part.ts';
import { partFolder } from './parts/java-parts.ts';
import { loopback } from './ports.ts';

export interface RegistryPorts {
  readonly http: number;
  readonly management: number;
}

/** The base URL of the Confluent-compatible API. */
export function registryUrl(ports: RegistryPorts): string {
  return `http://${loopback}:${String(ports.http)}/apis/ccompat/v7`;
}

export async function registryPart(settings: PartSettings, ports: RegistryPorts): Promise<Part> {
  const folder = join(settings.dataDir, 'registry');
  const options = {
    'quarkus.http.host': loopback,
    'quarkus.http.port': ports.http,
    // Without this it listens on every interface.
    'quarkus.management.host': loopback,
    'quarkus.management.port': ports.management,
    'quarkus.http.access-log.enabled': false,
    'apicurio.rules.global.compatibility': 'BACKWARD',
    // Without WRITE_DELAY=0, a kill loses the last registration.
    'apicurio.datasource.url': `jdbc:h2:file:${join(folder, 'schemas')};WRITE_DELAY=0`,
    'apicurio.datasource.jdbc.initial-size': 1,
    'apicurio.datasource.jdbc.min-size': 1,
    'apicurio.datasource.jdbc.max-size': 8,
  };
  return {
    name: 'registry',
    title: 'schema registry',
    async prepare() {
      await mkdir(folder, { recursive: true });
    },
    command: {
      file: settings.java,
      args: [
        '-Xmx160m',
        '-Xss512k',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        ...(settings.shortLived ? [] : cdsArchive(folder)),
        ...Object.entries(options).map(([name, value]) => `-D${name}=${String(value)}`),
        '-jar',
        join(await partFolder('registry'), 'quarkus-run.jar'),
      ],
      logFile: join(settings.logDir, 'registry.log'),
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 15_000,
    },
    readyTimeoutMs: 90_000,
    async isReady() {
      try {
        const answer = await fetch(`http://${loopback}:${String(ports.management)}/health/ready`, {
          signal: AbortSignal.timeout(2_000),
        });
        return answer.ok;
      } catch {
        return false;
      }
    },
  };
}
