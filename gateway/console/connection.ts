/** The page's end of the Socket.IO connection. After every reconnect it joins again and gets a complete snapshot. */
import { io, type Socket } from '/socket.io/socket.io.esm.min.js';
import type {
  ClientToServerEvents,
  FeedState,
  Frame,
  JoinAnswer,
  Scan,
  ScansAnswer,
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
/** ms to wait for an answer. */
const answerWithin = 15_000;

export class GatewayConnection {
  readonly #socket: Socket<ServerToClientEvents, ClientToServerEvents> = io({ reconnectionDelayMax: 3_000 });
  readonly #events: ConnectionEvents;
  #assets: readonly string[] = [];
  #isJoining = false;

  constructor(events: ConnectionEvents) {
    this.#events = events;
    const socket = this.#socket;
    socket.on('connect', () => {
      void this.#join();
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
    if (assets.length === this.#assets.length && assets.every((asset, n) => asset === this.#assets[n]))
      return;
    this.#assets = assets;
    void this.#join();
  }

  /** Asks for the scans of the last minutes of an asset that is followed. Nothing comes when the connection breaks. */
  scans(asset: string, got: (scans: readonly Scan[]) => void): void {
    if (!this.#socket.connected) return;
    const asked = this.#socket.timeout(answerWithin).emitWithAck('scans', { asset });
    asked.then(
      (answer: ScansAnswer) => {
        if (answer.ok) got(answer.scans);
      },
      () => undefined,
    );
  }

  /** One join at a time: while it waits for an answer, only the newest choice of assets counts. */
  async #join(): Promise<void> {
    if (this.#isJoining) return;
    this.#isJoining = true;
    let joined: readonly string[] | undefined;
    while (this.#socket.connected && joined !== this.#assets) {
      const assets = this.#assets;
      try {
        const asked = this.#socket.timeout(answerWithin).emitWithAck('join', { assets });
        await asked.then((answer: JoinAnswer) => {
          joined = assets;
          if (answer.ok) this.#events.snapshot(answer.snapshot);
          else this.#events.problem(answer.problem);
        });
      } catch {
        // No answer in time: it joins again. If the connection broke, the next connect does.
      }
    }
    this.#isJoining = false;
  }

  #measure(): void {
    const sent = performance.now();
    this.#socket.emit('clock', (serverTime) => {
      const ms = performance.now() - sent;
      this.#events.roundTrip(ms, serverTime + ms / 2);
    });
  }
}
