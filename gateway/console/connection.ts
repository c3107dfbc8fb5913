/** The page's end of the Socket.IO connection. After every reconnect it joins again and gets a complete snapshot. */
import { io, type Socket } from '/socket.io/socket.io.esm.min.js';
import type {
  ClientToServerEvents,
  FeedState,
  Frame,
  JoinAnswer,
  ServerToClientEvents,
  Snapshot,
} from '../shared/messages.ts';

export interface ConnectionEvents {
  snapshot(snapshot: Snapshot): void;
  frame(frame: Frame): void;
  feed(state: FeedState): void;
  assetSeen(asset: string): void;
  down(): void;
  problem(text: string): void;
  /** @param ms time for the way to the server and back @param serverTime estimated clock of the server now */
  roundTrip(ms: number, serverTime: number): void;
}

const measureEvery = 5_000;

export class GatewayConnection {
  readonly #socket: Socket<ServerToClientEvents, ClientToServerEvents> = io({ reconnectionDelayMax: 3_000 });
  readonly #events: ConnectionEvents;
  #assets: readonly string[] = [];

  constructor(events: ConnectionEvents) {
    this.#events = events;
    const socket = this.#socket;
    socket.on('connect', () => {
      this.#join();
      this.#measure();
    });
    socket.on('disconnect', () => {
      events.down();
    });
    socket.on('frame', (frame, acknowledge) => {
      events.frame(frame);
      acknowledge();
    });
    socket.on('feed', (state) => {
      events.feed(state);
    });
    socket.on('asset-seen', (asset) => {
      events.assetSeen(asset);
    });
    setInterval(() => {
      if (socket.connected) this.#measure();
    }, measureEvery);
  }

  /** Follows these assets from now on. */
  follow(assets: readonly string[]): void {
    this.#assets = assets;
    if (this.#socket.connected) this.#join();
  }

  #join(): void {
    const join = this.#socket.timeout(15_000).emitWithAck('join', { assets: this.#assets });
    join.then(
      (answer: JoinAnswer) => {
        if (answer.ok) this.#events.snapshot(answer.snapshot);
        else this.#events.problem(answer.problem);
      },
      // The connection broke: the next connect joins again.
      () => undefined,
    );
  }

  #measure(): void {
    const sent = performance.now();
    this.#socket.emit('clock', (serverTime) => {
      const ms = performance.now() - sent;
      this.#events.roundTrip(ms, serverTime + ms / 2);
    });
  }
}
