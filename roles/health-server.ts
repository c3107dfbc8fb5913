/** Serves /health, /ready and /metrics for a role without a server of its own: for probes and Prometheus. */
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

/** Undefined when HEALTH_PORT is not set. @throws CastwatchError ENVIRONMENT when it cannot listen on the port */
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
        json(response, 404, { title: 'Not found', remedy: 'This server has /health, /ready and /metrics.' });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new CastwatchError(
          'ENVIRONMENT',
          `The role cannot listen on HEALTH_PORT ${HEALTH_PORT} of ${HEALTH_HOST}: ${cause.message}.`,
          {
            remedy: 'Stop the program that uses the port, or set another port.',
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
