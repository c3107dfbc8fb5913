/**
 * The Socket.IO server: keeps which client has joined which assets, and sends to each client as fast as it reads. At most
 * one frame is in flight to a client; the next is sent when the client has acknowledged it and nothing else is on its way to it.
 * Requests are answered one at a time (`requests.ts`). So a client that reads nothing costs one answer or frame and one bounded
 * outbox, and no other client waits for it.
 */
import type { Server as HttpServer } from 'node:http';
import { Server, type Socket } from 'socket.io';
import { z } from 'zod';
import { textLimits } from '../../base/outside-text.ts';
import type { Alert, Prediction } from '../../schemas/generated/types.ts';
import type { Logger } from '../../telemetry/log.ts';
import type {
  ClientToServerEvents,
  FeedState,
  Frame,
  JoinAnswer,
  RefusedRequest,
  Scan,
  ScansAnswer,
  ServerToClientEvents,
} from '../shared/messages.ts';
import { Outbox } from './outbox.ts';
import { Requests } from './requests.ts';
import type { Snapshots } from './snapshot.ts';
import { Traffic } from './traffic.ts';
import { Turns } from './turns.ts';
import type { LiveConnection, Wire } from './wire.ts';

export interface HubOptions {
  readonly server: HttpServer;
  readonly log: Logger;
  /** Whether a page from this origin may connect. */
  allowOrigin(origin: string | undefined, host: string | undefined): boolean;
  readonly snapshots: Snapshots;
  /** Finds those of the assets that are not known. */
  unknown(assets: readonly string[]): Promise<readonly string[]>;
  /** Called when a frame was sent to the client whose socket has this id. */
  onSent(frame: Frame, client: string): void;
  /** Called when a client was disconnected because it did not read. */
  onSlow(reason: LetGo): void;
  onClients(connected: number): void;
  /** Called at intervals with the number of bytes that have been given to connections and have not left. */
  onTraffic(bytes: number): void;
  /** ms between two rounds of sending; default 100. */
  readonly flushEvery?: number;
  /** ms that a client may take to acknowledge a frame, or to read anything at all; default 30,000. */
  readonly acknowledgeWithin?: number;
}

type LetGo = 'no-acknowledge' | 'alerts-overflow' | 'unread';

type Give<Answer> = (answer: Answer) => void;
type ClientSocket = Socket<ClientToServerEvents, ServerToClientEvents>;

interface Client {
  readonly socket: ClientSocket;
  readonly outbox: Outbox;
  readonly wire: Wire;
  readonly requests: Requests;
  /** False until the snapshot is sent; frames wait for it. */
  ready: boolean;
  onItsWay: boolean;
}

/** Largest number of assets that a client may join. */
export const mostAssets = 256;

const assetName = z.string().min(1).max(textLimits.asset);
const joinRequest = z.strictObject({ assets: z.array(assetName).max(mostAssets) });
const scansRequest = z.strictObject({ asset: assetName });
/** Answers that are made at the same time, for all clients together: the pool has four connections to the database. */
const answersAtOnce = 4;
/** Largest length of a refusal; Zod explains every asset of a list. */
const longestProblem = 500;
const unknownNamed = 5;
const alertsRoom = 'alerts';
const assetRoom = (asset: string): string => `asset:${asset}`;

export class Hub {
  readonly #options: HubOptions;
  readonly #io: Server<ClientToServerEvents, ServerToClientEvents>;
  readonly #clients = new Map<string, Client>();
  readonly #dirty = new Set<Client>();
  readonly #flushing: NodeJS.Timeout;
  readonly #traffic: Traffic;
  readonly #turns: Turns;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#io = new Server(options.server, {
      serveClient: true,
      maxHttpBufferSize: 100_000,
      allowRequest: (request, decide) => {
        decide(null, options.allowOrigin(request.headers.origin, request.headers.host));
      },
    });
    this.#traffic = new Traffic({
      stuckWithin: options.acknowledgeWithin ?? 30_000,
      onUnread: () => {
        options.onSlow('unread');
      },
      onLess: () => {
        this.#turns.next();
      },
    });
    this.#turns = new Turns(answersAtOnce, () => !this.#traffic.isFull);
    this.#io.engine.on('connection', (connection: LiveConnection) => {
      this.#traffic.wireOf(connection);
    });
    this.#io.on('connection', (socket) => {
      this.#connected(socket);
    });
    this.#flushing = setInterval(() => {
      this.#flush();
    }, options.flushEvery ?? 100);
  }

  scan(scan: Scan): void {
    for (const client of this.#members(assetRoom(scan.asset))) {
      client.outbox.scan(scan);
      this.#dirty.add(client);
    }
  }

  prediction(prediction: Prediction): void {
    for (const client of this.#members(assetRoom(prediction.asset))) {
      client.outbox.prediction(prediction);
      this.#dirty.add(client);
    }
  }

  alert(alert: Alert): void {
    for (const client of this.#members(alertsRoom)) {
      if (client.outbox.alert(alert)) this.#dirty.add(client);
      else this.#letGo(client, 'alerts-overflow');
    }
  }

  feed(state: FeedState): void {
    this.#io.emit('feed', state);
  }

  assetSeen(asset: string): void {
    // Volatile, so that these do not pile up for a client that does not read. It can ask for the list of assets.
    this.#io.volatile.emit('asset-seen', asset);
  }

  clients(): number {
    return this.#clients.size;
  }

  async close(): Promise<void> {
    clearInterval(this.#flushing);
    this.#traffic.close();
    await this.#io.close();
  }

  #connected(socket: ClientSocket): void {
    const wire = this.#traffic.wireOf(socket.conn);
    const requests = new Requests(this.#turns, wire);
    const client: Client = { socket, outbox: new Outbox(), wire, requests, ready: false, onItsWay: false };
    this.#clients.set(socket.id, client);
    this.#options.onClients(this.#clients.size);
    socket.on('join', (request, answer) => {
      this.#ask(client, true, answer, (gone, give) => this.#join(client, request, gone, give));
    });
    socket.on('scans', (request, answer) => {
      this.#ask(client, false, answer, (gone, give) => this.#scans(client, request, gone, give));
    });
    socket.on('clock', (answer) => {
      if (typeof answer === 'function') answer(Date.now());
    });
    socket.on('disconnect', () => {
      requests.close();
      this.#clients.delete(socket.id);
      this.#dirty.delete(client);
      this.#options.onClients(this.#clients.size);
    });
  }

  /** Queues a request of a client. What fails in it is logged and answered. */
  #ask(
    client: Client,
    isJoin: boolean,
    answer: unknown,
    serve: (gone: AbortSignal, give: Give<JoinAnswer | ScansAnswer>) => Promise<void>,
  ): void {
    if (typeof answer !== 'function') {
      // Volatile, as nobody waits for it: it is left out while the client does not read.
      const event = isJoin ? 'join' : 'scans';
      client.socket.volatile.emit('problem', `${event} needs a callback, which gets the answer`);
      return;
    }
    const give = (given: JoinAnswer | ScansAnswer): void => {
      Reflect.apply(answer, undefined, [given]);
    };
    const refuse = (problem: string): void => {
      give(refusal(problem));
    };
    client.requests.add({
      isJoin,
      refuse,
      serve: async (gone) => {
        try {
          await serve(gone, give);
        } catch (error) {
          if (gone.aborted) return;
          this.#options.log.error({ err: error }, 'the answer for a client could not be made');
          refuse('the gateway could not make the answer; see its log for the cause');
        }
      },
    });
  }

  async #join(client: Client, request: unknown, gone: AbortSignal, give: Give<JoinAnswer>): Promise<void> {
    const parsed = joinRequest.safeParse(request);
    if (!parsed.success) {
      const why = z.prettifyError(parsed.error);
      give(refusal(`join takes {assets: […]} with at most ${mostAssets} assets: ${why}`));
      return;
    }
    const assets = [...new Set(parsed.data.assets)];
    const unknown = await this.#options.unknown(assets);
    if (unknown.length > 0) {
      const more = unknown.length > unknownNamed ? ` and ${unknown.length - unknownNamed} more` : '';
      const named = unknown.slice(0, unknownNamed).join(', ');
      give(refusal(`not defined, and no data ever: ${named}${more}. GET /v1/assets lists all assets`));
      return;
    }
    gone.throwIfAborted();
    client.ready = false;
    client.outbox.clear();
    for (const room of client.socket.rooms) {
      if (room !== client.socket.id) await client.socket.leave(room);
    }
    await client.socket.join([alertsRoom, ...assets.map(assetRoom)]);
    try {
      give({ ok: true, snapshot: await this.#options.snapshots.snapshot(assets, gone) });
    } finally {
      client.ready = true;
      this.#dirty.add(client);
    }
  }

  async #scans(client: Client, request: unknown, gone: AbortSignal, give: Give<ScansAnswer>): Promise<void> {
    const parsed = scansRequest.safeParse(request);
    if (!parsed.success) give(refusal(`scans takes {asset: …}: ${z.prettifyError(parsed.error)}`));
    else if (!client.socket.rooms.has(assetRoom(parsed.data.asset)))
      give(refusal('scans takes an asset that this client has joined'));
    else give({ ok: true, ...(await this.#options.snapshots.scans(parsed.data.asset, gone)) });
  }

  *#members(room: string): Iterable<Client> {
    for (const id of this.#io.sockets.adapter.rooms.get(room) ?? []) {
      const client = this.#clients.get(id);
      if (client !== undefined) yield client;
    }
  }

  #flush(): void {
    const now = Date.now();
    this.#options.onTraffic(this.#traffic.bytes);
    for (const client of this.#dirty) {
      if (this.#traffic.isFull) break;
      if (client.onItsWay || !client.ready || !client.wire.isEmpty) continue;
      this.#dirty.delete(client);
      const frame = client.outbox.take(now);
      if (frame === undefined) continue;
      client.onItsWay = true;
      this.#options.onSent(frame, client.socket.id);
      client.socket
        .timeout(this.#options.acknowledgeWithin ?? 30_000)
        .emit('frame', frame, (late: Error | null) => {
          client.onItsWay = false;
          if (late !== null && client.socket.connected) this.#letGo(client, 'no-acknowledge');
        });
    }
  }

  /** Closes the connection below Socket.IO, so that a running client reconnects and gets a new snapshot. */
  #letGo(client: Client, reason: Exclude<LetGo, 'unread'>): void {
    client.outbox.clear();
    this.#dirty.delete(client);
    this.#options.onSlow(reason);
    client.wire.cut();
  }
}

const refusal = (problem: string): RefusedRequest => ({
  ok: false,
  problem: problem.slice(0, longestProblem),
});
