/**
 * The Socket.IO server: keeps which client has joined which assets, and sends to each client as fast as it reads. At most
 * one frame is in flight to a client; the next is sent when the client has acknowledged it. So a client that reads nothing
 * costs one frame and one bounded outbox, and no other client waits for it.
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
  /** Makes the snapshot for a client that joins these assets. */
  snapshot(assets: readonly string[]): Promise<Snapshot>;
  /** Called when a frame was sent to the client whose socket has this id. */
  onSent(frame: Frame, client: string): void;
  /** Called when a client was disconnected because it did not read. */
  onSlow(reason: 'no-acknowledge' | 'alerts-overflow'): void;
  onClients(connected: number): void;
  /** ms between two rounds of sending; default 100. */
  readonly flushEvery?: number;
  /** ms that a client may take to acknowledge a frame; default 30,000. */
  readonly acknowledgeWithin?: number;
}

type ClientSocket = Socket<ClientToServerEvents, ServerToClientEvents>;

interface Client {
  readonly socket: ClientSocket;
  readonly outbox: Outbox;
  /** False until the snapshot is sent; frames wait for it. */
  ready: boolean;
  onItsWay: boolean;
}

/** Largest number of assets that a client may join. */
export const mostAssets = 256;

const joinRequest = z.strictObject({
  assets: z.array(z.string().min(1).max(textLimits.asset)).max(mostAssets),
});
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
    // Volatile, so that these do not pile up for a client that does not read. It can ask for the list of assets.
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
        problem: `join takes {assets: […]} with at most ${mostAssets} assets: ${z.prettifyError(parsed.error)}`,
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
      this.#options.log.error({ err: error }, 'the snapshot for a client could not be made');
      return { ok: false, problem: 'the gateway could not make a snapshot; see its log for the cause' };
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

  /** Closes the connection below Socket.IO, so that a running client reconnects and gets a new snapshot. */
  #letGo(client: Client, reason: 'no-acknowledge' | 'alerts-overflow'): void {
    client.outbox.clear();
    this.#dirty.delete(client);
    this.#options.onSlow(reason);
    client.socket.conn.close(true);
  }
}
