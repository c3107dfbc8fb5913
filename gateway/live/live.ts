/** The live stream: from the topics, through the board, to the clients. */
import type { Server } from 'node:http';
import type { TopicNames } from '../../schemas/catalogue.ts';
import type { Serde } from '../../schemas/registry/serde.ts';
import type { Codec, Stall, Transport } from '../../stream/index.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { noTracing, type Tracing } from '../../telemetry/tracing.ts';
import type { History } from '../history.ts';
import { scanReader } from '../plant-view.ts';
import type { FeedState, PlantView } from '../shared/messages.ts';
import type { Board } from './board.ts';
import { startFeed, type Feed, type Followed } from './feed.ts';
import { Hub } from './hub.ts';
import { snapshots } from './snapshot.ts';
import { emitTraces } from './traces.ts';
import { unknownAssets } from './unknown-assets.ts';

export interface LiveOptions {
  readonly server: Server;
  readonly plant: PlantView;
  readonly board: Board;
  readonly topics: TopicNames;
  readonly transport: Transport;
  readonly serde: Serde;
  readonly history: History;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracing?: Tracing;
  readonly flushEvery?: number;
  readonly acknowledgeWithin?: number;
  allowOrigin(origin: string | undefined, host: string | undefined): boolean;
}

export interface LiveStream {
  state(): FeedState;
  assignedPartitions(): number;
  stalls(): readonly Stall[];
  clients(): number;
  stop(): Promise<void>;
}

/**
 * Number of offsets before the end at which to begin, per partition: enough to show the current state at once, and every
 * alarm transition that the sink may not have stored yet.
 */
const rewind = { readings: 200, predictions: 200, alerts: 1_000 } as const;

export function startLive(options: LiveOptions): LiveStream {
  const { board, plant, log, metrics, topics, serde } = options;
  const toScan = scanReader(plant);
  const traces = emitTraces(options.tracing ?? noTracing);
  const states: { feed?: Feed } = {};
  const state = (): FeedState =>
    states.feed?.state() ?? { state: 'lost', since: Date.now(), detail: 'starting' };
  const hub = new Hub({
    ...options,
    snapshots: snapshots({ ...options, feed: state }),
    unknown: (assets) => unknownAssets(options, assets),
    onSent: (frame, client) => {
      metrics.gatewayEmits.add(1, { kind: 'frame' });
      if (frame.skipped > 0) metrics.gatewaySkipped.add(frame.skipped, { kind: 'scan-or-prediction' });
      traces.sent(frame, client);
    },
    onSlow: (reason) => {
      log.warn({ reason }, 'disconnected a client that does not read');
      metrics.gatewayLetGo.add(1, { reason });
    },
    onClients: (connected) => {
      metrics.gatewayClients.set(connected);
    },
    onTraffic: (bytes) => {
      metrics.gatewayInFlight.set(bytes);
    },
  });
  const followed: readonly Followed[] = [
    follow(
      topics.validatedReadings,
      serde.codec('validatedReadings'),
      rewind.readings,
      (reading, source, record) => {
        const scan = toScan(reading, record.timestamp);
        traces.remember(scan, source, record);
        if (board.scan(scan)) hub.assetSeen(scan.asset);
        hub.scan(scan);
      },
    ),
    follow(
      topics.predictions,
      serde.codec('predictions'),
      rewind.predictions,
      (prediction, source, record) => {
        traces.remember(prediction, source, record);
        if (board.prediction(prediction)) hub.assetSeen(prediction.asset);
        hub.prediction(prediction);
      },
    ),
    follow(topics.alerts, serde.codec('alerts'), rewind.alerts, (alert, source, record) => {
      traces.remember(alert, source, record);
      if (board.alert(alert)) hub.alert(alert);
    }),
  ];
  const feed = startFeed({
    transport: options.transport,
    followed,
    log,
    onState: (next) => {
      hub.feed(next);
    },
    onUndecodable: (topic) => {
      metrics.gatewayUndecodable.add(1, { topic });
    },
  });
  states.feed = feed;
  return {
    state,
    assignedPartitions: () => feed.assignedPartitions(),
    stalls: () => feed.stalls(),
    clients: () => hub.clients(),
    async stop() {
      await feed.stop();
      await hub.close();
    },
  };
}

/** Joins a topic with its handler; the codec makes the values that `each` takes. */
function follow<T>(topic: string, codec: Codec<T>, back: number, each: Followed<T>['each']): Followed {
  return {
    topic,
    codec,
    rewind: back,
    each: (value, source, record) => {
      each(value as T, source, record);
    },
  };
}
