/** /health, /ready and /metrics of a role that has no server of its own, for probes and Prometheus. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CastwatchError } from '../base/errors.ts';
import { metricsContentType, type Metrics } from '../telemetry/metrics.ts';
import type { Config } from './config.ts';
import type { RunningRole } from './role.ts';

export interface HealthServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Undefined when no HEALTH_PORT is configured. @throws CastwatchError ENVIRONMENT when the port is taken */
export async function startHealthServer(
  { HEALTH_PORT, HEALTH_HOST }: Config,
  role: RunningRole,
  metrics: Metrics,
): Promise<HealthServer | undefined> {
  if (HEALTH_PORT === undefined) return undefined;
  const server = createServer((request, response) => {
    switch (request.url) {
      case '/health':
        json(response, 200, { status: 'up', uptimeSeconds: process.uptime() });
        break;
      case '/ready': {
        const status = role.status();
        json(response, status.ready && !status.halted ? 200 : 503, status);
        break;
      }
      case '/metrics':
        void metrics
          .text()
          .then((text) => response.writeHead(200, { 'content-type': metricsContentType }).end(text));
        break;
      default:
        json(response, 404, { title: 'Nothing here', remedy: 'There are /health, /ready and /metrics.' });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new CastwatchError(
          'ENVIRONMENT',
          `HEALTH_PORT ${HEALTH_PORT} on ${HEALTH_HOST} cannot be listened on: ${cause.message}.`,
          {
            remedy: 'Stop the program that has it or set another port.',
            cause,
          },
        ),
      );
    });
    server.listen(HEALTH_PORT, HEALTH_HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${HEALTH_HOST}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
