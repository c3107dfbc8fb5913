/** The gateway role: REST, live stream and console. */
import { registryCheck } from '../gateway/rest/health.ts';
import { startGateway } from '../gateway/server.ts';
import { openStoredHistory } from '../gateway/stored-history.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import type { Addresses } from './config.ts';
import type { Kafka } from './connections.ts';
import type { RoleContext, RunningRole } from './role.ts';

export interface GatewayRoleOptions extends Pick<Addresses, 'databaseUrl' | 'registryUrl'> {
  readonly kafka: Kafka;
  readonly definition: ProcessDefinition;
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
}

export async function startGatewayRole(
  options: GatewayRoleOptions,
  context: RoleContext,
): Promise<RunningRole> {
  const { kafka, definition, port, host, databaseUrl, registryUrl } = options;
  const { log, metrics, tracing } = context;
  const producer = await kafka.transport.producer();
  const stored = openStoredHistory(databaseUrl, definition, log);
  const closeAll = async (): Promise<void> => {
    await producer.close();
    await stored.close();
    await kafka.close();
  };
  const gateway = await startGateway({
    port,
    host,
    definition,
    topics: kafka.topics,
    transport: kafka.transport,
    serde: kafka.serde,
    producer,
    history: stored.history,
    checks: { registry: registryCheck(registryUrl), database: () => stored.check() },
    log,
    metrics,
    tracing,
  }).catch(async (error: unknown) => {
    await closeAll();
    throw error;
  });
  return {
    url: gateway.url,
    status: () => ({ ...gateway.status(), halted: false, detail: { clients: gateway.clients() } }),
    async stop() {
      await gateway.stop();
      await closeAll();
    },
  };
}
