/**
 * Socket.IO: who has joined what, and telling each client as fast as it can read. At most one frame is on its
 * way to a client; it is sent the next when it has acknowledged that one. So a client that reads nothing
 * costs one frame and one bounded outbox, and nobody else waits for it.
 */
import type { Server as HttpServer } from 'node:http';
import { Server, type Socket } from 'socket.io';
import { z } from 'zod';
import type { Alert, Prediction } from '../../schemas/generated/types.ts';
import type { Logger } from '../../telemetry/log.ts';
import type {
  ClientToServerEvents,
  FeedState,
  Frame,
  JoinAnswer,
  Scan,
  ServerToClientEvents,
  Snapshot,
} from '../shared/messages.ts';
import { Outbox } from './outbox.ts';

export interface HubOptions {
  readonly server: HttpServer;
  readonly log: Logger;
  /** Whether a page from this origin may connect. */
  allowOrigin(origin: string | undefined, host: string | undefined): boolean;
  /** What a client that joins these assets has to know first. */
  snapshot(assets: readonly string[]): Promise<Snapshot>;
  /** A frame went out to the client whose socket has this id. */
  onSent(frame: Frame, client: string): void;
  /** A client let go because it had not read for too long. */
  onSlow(reason: 'no-acknowledge' | 'alerts-overflow'): void;
  onClients(connected: number): void;
  /** ms; how often pending things are sent, and how long a client may take to acknowledge. */
  readonly flushEvery?: number;
  readonly acknowledgeWithin?: number;
}

type ClientSocket = Socket<ClientToServerEvents, ServerToClientEvents>;

interface Client {
  readonly socket: ClientSocket;
  readonly outbox: Outbox;
  /** Frames wait until the snapshot is out. */
  ready: boolean;
  onItsWay: boolean;
}

/** Assets that one client may join at once. */
export const mostAssets = 256;

const joinRequest = z.strictObject({ assets: z.array(z.string().min(1).max(500)).max(mostAssets) });
const alertsRoom = 'alerts';
const assetRoom = (asset: string): string => `asset:${asset}`;

export class Hub {
  readonly #options: HubOptions;
  readonly #io: Server<ClientToServerEvents, ServerToClientEvents>;
  readonly #clients = new Map<string, Client>();
  readonly #dirty = new Set<Client>();
  readonly #flushing: NodeJS.Timeout;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#io = new Server(options.server, {
      serveClient: true,
      maxHttpBufferSize: 100_000,
      allowRequest: (request, decide) => {
        decide(null, options.allowOrigin(request.headers.origin, request.headers.host));
      },
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
    // Volatile: a client that reads nothing is not to pile these up; it can ask for the list of assets.
    this.#io.volatile.emit('asset-seen', asset);
  }

  clients(): number {
    return this.#clients.size;
  }

  async close(): Promise<void> {
    clearInterval(this.#flushing);
    await this.#io.close();
  }

  #connected(socket: ClientSocket): void {
    const client: Client = { socket, outbox: new Outbox(), ready: false, onItsWay: false };
    this.#clients.set(socket.id, client);
    this.#options.onClients(this.#clients.size);
    socket.on('join', (request, answer) => {
      if (typeof answer !== 'function') return;
      void this.#join(client, request).then(answer);
    });
    socket.on('clock', (answer) => {
      if (typeof answer === 'function') answer(Date.now());
    });
    socket.on('disconnect', () => {
      this.#clients.delete(socket.id);
      this.#dirty.delete(client);
      this.#options.onClients(this.#clients.size);
    });
  }

  async #join(client: Client, request: unknown): Promise<JoinAnswer> {
    const parsed = joinRequest.safeParse(request);
    if (!parsed.success) {
      return {
        ok: false,
        problem: `join takes {assets: […]}, ${mostAssets} at most: ${z.prettifyError(parsed.error)}`,
      };
    }
    const { assets } = parsed.data;
    client.ready = false;
    client.outbox.clear();
    for (const room of client.socket.rooms) {
      if (room !== client.socket.id) await client.socket.leave(room);
    }
    await client.socket.join([alertsRoom, ...assets.map(assetRoom)]);
    try {
      const snapshot = await this.#options.snapshot(assets);
      return { ok: true, snapshot };
    } catch (error) {
      this.#options.log.error({ err: error }, 'no snapshot for a client');
      return { ok: false, problem: 'the gateway could not make a snapshot; its log says why' };
    } finally {
      client.ready = true;
      this.#dirty.add(client);
    }
  }

  *#members(room: string): Iterable<Client> {
    for (const id of this.#io.sockets.adapter.rooms.get(room) ?? []) {
      const client = this.#clients.get(id);
      if (client !== undefined) yield client;
    }
  }

  #flush(): void {
    const now = Date.now();
    for (const client of this.#dirty) {
      if (client.onItsWay || !client.ready) continue;
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

  /** Closes the connection below Socket.IO, so that a living client comes back by itself and gets a snapshot. */
  #letGo(client: Client, reason: 'no-acknowledge' | 'alerts-overflow'): void {
    client.outbox.clear();
    this.#dirty.delete(client);
    this.#options.onSlow(reason);
    client.socket.conn.close(true);
  }
}
