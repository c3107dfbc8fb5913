/** The gateway: REST, live stream and console on one port of this machine. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { topicNames, type TopicNames } from '../schemas/catalogue.ts';
import type { Serde } from '../schemas/registry/serde.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import type { Producer, Transport } from '../stream/index.ts';
import { CastwatchError } from '../base/errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { noTracing, type Tracing } from '../telemetry/tracing.ts';
import { consoleFiles } from './console-files.ts';
import type { History } from './history.ts';
import { Board } from './live/board.ts';
import { startLive, type Live } from './live/live.ts';
import { plantView } from './plant-view.ts';
import type { Check } from './rest/health.ts';
import { openApiDocument } from './rest/openapi.ts';
import { sendProblem } from './rest/problem.ts';
import { mount } from './rest/route.ts';
import { routeSpecs, routesOf } from './rest/routes.ts';
import { checkHost, isOwnOrigin, requireLoopback, securityHeaders } from './security.ts';

export interface GatewayOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Only loopback until there are accounts; default 127.0.0.1. */
  readonly host?: string;
  readonly definition: ProcessDefinition;
  /** The topics' names on the broker; the catalogue's when left out. */
  readonly topics?: TopicNames;
  readonly transport: Transport;
  /** Ready: its schemas are registered. */
  readonly serde: Serde;
  /** Writes what comes by REST. Stays the caller's to close, as transport and history are. */
  readonly producer: Producer;
  readonly history: History;
  /** Looks at parts that only the caller can reach, by name (registry, database); Kafka and the live stream are looked at here. */
  readonly checks: Readonly<Record<string, Check>>;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracing?: Tracing;
  /** Of the live stream, ms; for tests. */
  readonly flushEvery?: number;
  readonly acknowledgeWithin?: number;
}

export interface Gateway {
  readonly url: string;
  /** Clients connected to the live stream. */
  clients(): number;
  /** Whether the live stream runs, without asking anybody; `/ready` asks all parts. */
  status(): { readonly ready: boolean; readonly problems: readonly string[] };
  stop(): Promise<void>;
}

/** The largest body that is read, in bytes. */
const bodyLimit = 5_000_000;

/**
 * Starts serving; what Kafka or the database lack at that moment shows in `/ready`, and is taken up when it comes.
 * @throws CastwatchError CONFIGURATION for another host than loopback, ENVIRONMENT when the port is taken
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { host = '127.0.0.1', topics = topicNames(), log, metrics } = options;
  requireLoopback(host);
  const plant = plantView(options.definition);
  const board = new Board();
  const app = express();
  const server = createServer(app);

  // Listening comes first: a taken port must not leave a consumer behind.
  await listen(server, options.port, host);
  const live = startLive({ ...options, server, plant, board, topics, allowOrigin: isOwnOrigin });

  const routes = routesOf({
    read: { plant, history: options.history, board, log },
    health: {
      metrics,
      checks: { kafka: kafkaCheck(options.transport, topics), live: liveCheck(live), ...options.checks },
    },
    ingest: {
      definition: options.definition,
      producer: options.producer,
      readings: { topic: topics.sensorReadings, codec: options.serde.codec('sensorReadings') },
      mesEvents: { topic: topics.mesEvents, codec: options.serde.codec('mesEvents') },
      tracing: options.tracing ?? noTracing,
      metrics,
      log,
    },
  });
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(checkHost, securityHeaders, express.json({ limit: bodyLimit, strict: false }));
  app.use('/v1', requireJson);
  app.use(
    mount(routes, (path, status, seconds) => {
      metrics.gatewayRequestDuration.record(seconds, { route: path, status: statusClass(status) });
    }),
  );
  const document = JSON.stringify(openApiDocument(routeSpecs));
  app.get('/v1/openapi.json', (_request, response) => {
    response.type('application/json').send(document);
  });
  app.use(await consoleFiles());
  app.use((request, response) => {
    sendProblem(response, {
      status: 404,
      title: 'Nothing here',
      detail: `${request.method} ${request.path}`,
      remedy: 'See /v1/openapi.json; the console is at /.',
    });
  });
  app.use(onError(log));

  const { port } = server.address() as AddressInfo;
  const url = `http://${host === '::1' ? '[::1]' : host}:${port}`;
  log.info({ url }, 'the gateway is listening');
  return {
    url,
    clients: () => live.clients(),
    status() {
      const problem = liveProblem(live);
      return {
        ready: problem === undefined,
        problems: problem === undefined ? [] : [`live stream: ${problem}`],
      };
    },
    async stop() {
      server.closeIdleConnections();
      await live.stop();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') reject(error);
      else
        reject(
          new CastwatchError('ENVIRONMENT', `Port ${port} on ${host} is taken.`, {
            remedy:
              'Stop what listens there, or choose another port (--port or GATEWAY_PORT; 0 takes a free one).',
            cause: error,
          }),
        );
    });
    server.listen(port, host, resolve);
  });
}

/** Asks a partition leader: what a client remembers of the cluster would not tell that it is gone. */
const kafkaCheck =
  (transport: Transport, topics: TopicNames): Check =>
  async () => {
    await transport.endOffsets(topics.sensorReadings);
  };

function liveProblem(live: Live): string | undefined {
  const state = live.state();
  if (state.state === 'lost') return state.detail;
  return live.assignedPartitions() > 0 ? undefined : 'no partitions are assigned';
}

const liveCheck =
  (live: Live): Check =>
  () => {
    const problem = liveProblem(live);
    return problem === undefined ? Promise.resolve() : Promise.reject(new Error(problem));
  };

/** `application/json` only: a form or plain text could be sent by any web page without asking first. */
const requireJson: express.RequestHandler = (request, response, next) => {
  if (request.method !== 'POST' || request.is('application/json') !== false) {
    next();
    return;
  }
  sendProblem(response, { status: 415, title: 'Not JSON', remedy: 'Send Content-Type: application/json.' });
};

function statusClass(status: number): '2xx' | '3xx' | '4xx' | '5xx' {
  return status < 300 ? '2xx' : status < 400 ? '3xx' : status < 500 ? '4xx' : '5xx';
}

/** What Express and its parsers throw, as problem details; the rest is a bug and goes to the log. */
const onError =
  (log: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status =
      error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
    if (status >= 500) log.error({ err: error, path: request.path }, 'a request failed');
    const detail = status < 500 && error instanceof Error ? error.message : 'The gateway log says why.';
    const title =
      status === 400
        ? 'Not JSON'
        : status === 413
          ? 'Too large'
          : status < 500
            ? 'Not acceptable'
            : 'A fault of the gateway';
    const remedy =
      status === 413
        ? `A request may have ${bodyLimit / 1_000_000} MB: send the items in several.`
        : undefined;
    sendProblem(response, { status, title, detail, ...(remedy === undefined ? {} : { remedy }) });
  };
