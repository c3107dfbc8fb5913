/** Starts the gateway: REST, live stream and console on one port of this machine. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { topicNames, type TopicNames } from '../schemas/catalogue.ts';
import type { Serde } from '../schemas/registry/serde.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import type { Producer, Transport } from '../stream/index.ts';
import { CastwatchError } from '../base/errors.ts';
import { describeStall } from '../base/standstill-text.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { noTracing, type Tracing } from '../telemetry/tracing.ts';
import { consoleFiles } from './console-files.ts';
import type { History } from './history.ts';
import { Board } from './live/board.ts';
import { startLive, type LiveStream } from './live/live.ts';
import { plantView } from './plant-view.ts';
import type { HealthCheck } from './rest/health.ts';
import { openApiDocument } from './rest/openapi.ts';
import { sendProblem } from './rest/problem-details.ts';
import { mount } from './rest/route.ts';
import { routeSpecs, routesOf } from './rest/routes.ts';
import { StandstillWatch } from './standstill-watch.ts';
import { checkHost, isOwnOrigin, requireLoopback, securityHeaders } from './security.ts';

export interface GatewayOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** A loopback address; default 127.0.0.1. */
  readonly host?: string;
  readonly definition: ProcessDefinition;
  /** Names of the topics on the broker; default: those of the catalogue. */
  readonly topics?: TopicNames;
  readonly transport: Transport;
  /** Ready to use: its schemas are registered. */
  readonly serde: Serde;
  /** Writes the records sent to the REST API. The caller closes it, like transport and history. */
  readonly producer: Producer;
  readonly history: History;
  /** Checks of further parts, by name (registry, database). The gateway itself checks Kafka and the live stream. */
  readonly checks: Readonly<Record<string, HealthCheck>>;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracing?: Tracing;
  /** Times of the live stream in ms, for tests; see HubOptions. */
  readonly flushEvery?: number;
  readonly acknowledgeWithin?: number;
}

export interface Gateway {
  readonly url: string;
  /** Clients connected to the live stream. */
  clients(): number;
  /** Whether the live stream runs, without asking other parts. `/ready` asks all parts. */
  status(): { readonly ready: boolean; readonly problems: readonly string[] };
  stop(): Promise<void>;
}

/** Largest body of a request, in bytes. */
const bodyLimit = 5_000_000;

/**
 * Starts serving, even if Kafka or the database do not answer yet: `/ready` reports it, and the gateway keeps trying.
 * @throws CastwatchError CONFIGURATION when the host is not loopback, ENVIRONMENT when it cannot listen on the port
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { host = '127.0.0.1', topics = topicNames(), log, metrics } = options;
  requireLoopback(host);
  const plant = plantView(options.definition);
  const board = new Board();
  const app = express();
  const server = createServer(app);

  // Listen first, so that a taken port does not leave a consumer running.
  await listen(server, options.port, host);
  const live = startLive({ ...options, server, plant, board, topics, allowOrigin: isOwnOrigin });

  const standstills = new StandstillWatch(options.transport, topics.breakers, log);
  const routes = routesOf({
    read: { plant, history: options.history, board, log },
    health: {
      metrics,
      standstills: () => standstills.now(),
      checks: { kafka: kafkaCheck(options.transport, topics), live: liveCheck(live), ...options.checks },
    },
    ingest: {
      definition: options.definition,
      producer: options.producer,
      readings: { topic: topics.sensorReadings, codec: options.serde.codec('sensorReadings') },
      mesEvents: { topic: topics.mesEvents, codec: options.serde.codec('mesEvents') },
      qualityLabels: { topic: topics.qualityLabels, codec: options.serde.codec('qualityLabels') },
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
      title: 'Not found',
      detail: `The gateway has no ${request.method} ${request.path}.`,
      remedy: 'See /v1/openapi.json for all paths. The console is at /.',
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
      await standstills.stop();
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
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      const message = taken
        ? `Port ${port} on ${host} is taken.`
        : `The gateway cannot listen on port ${port} of ${host}: ${cause.message}.`;
      const remedy = `${taken ? 'Stop the program that uses the port, or choose' : 'Choose'} another port with --port or GATEWAY_PORT; 0 takes a free port.`;
      reject(new CastwatchError('ENVIRONMENT', message, { remedy, cause }));
    });
    server.listen(port, host, resolve);
  });
}

/** Asks a partition leader, because a client's cached metadata does not show that the cluster is down. */
const kafkaCheck =
  (transport: Transport, topics: TopicNames): HealthCheck =>
  async () => {
    await transport.endOffsets(topics.sensorReadings);
  };

function liveProblem(live: LiveStream): string | undefined {
  const state = live.state();
  if (state.state === 'lost') return state.detail;
  if (live.assignedPartitions() === 0) return 'no partitions are assigned';
  const [stall] = live.stalls();
  return stall && describeStall('the live stream', stall);
}

const liveCheck =
  (live: LiveStream): HealthCheck =>
  () => {
    const problem = liveProblem(live);
    return problem === undefined ? Promise.resolve() : Promise.reject(new Error(problem));
  };

/** Allows only `application/json`: any web page can send a form or plain text without a CORS preflight. */
const requireJson: express.RequestHandler = (request, response, next) => {
  if (request.method !== 'POST' || request.is('application/json') !== false) {
    next();
    return;
  }
  sendProblem(response, {
    status: 415,
    title: 'Not JSON',
    remedy: 'Send JSON with Content-Type: application/json.',
  });
};

function statusClass(status: number): '2xx' | '3xx' | '4xx' | '5xx' {
  return status < 300 ? '2xx' : status < 400 ? '3xx' : status < 500 ? '4xx' : '5xx';
}

/** Turns errors of Express and its parsers into problem details. Any other error is a bug and is logged. */
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
    const detail =
      status < 500 && error instanceof Error ? error.message : 'See the log of the gateway for the cause.';
    const title =
      status === 400
        ? 'Not JSON'
        : status === 413
          ? 'Too large'
          : status < 500
            ? 'Not acceptable'
            : 'Internal error of the gateway';
    const remedy =
      status === 413
        ? `A request may have ${bodyLimit / 1_000_000} MB at most. Send the items in several requests.`
        : undefined;
    sendProblem(response, { status, title, detail, ...(remedy === undefined ? {} : { remedy }) });
  };
