/** What is on its way to all clients together. Ends connections whose clients do not read. */
import { Wire, type LiveConnection } from './wire.ts';

export interface TrafficOptions {
  /** ms for which a connection may let nothing through. */
  readonly stuckWithin: number;
  /** Called when a connection is ended because its client does not read. */
  onUnread(): void;
  /** Called when something has left. */
  onLess(): void;
}

export const trafficLimits = {
  /** While more bytes than this are on their way, no answer and no frame is begun. */
  bytes: 64 * 1024 * 1024,
  /** Messages on their way to one client. Answers and frames go one at a time, so only a flood of small requests gets there. */
  messages: 1_000,
} as const;

export class Traffic {
  readonly #options: TrafficOptions;
  readonly #wires = new Map<LiveConnection, Wire>();
  readonly #sweeping: NodeJS.Timeout;
  #bytes = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#sweeping = setInterval(
      () => {
        this.#sweep();
      },
      Math.min(1_000, options.stuckWithin / 2),
    );
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#bytes >= trafficLimits.bytes;
  }

  /** Counts what a connection gets, from now until it is closed. */
  wireOf(connection: LiveConnection): Wire {
    const known = this.#wires.get(connection);
    if (known !== undefined) return known;
    const wire = new Wire(connection, (bytes) => {
      this.#bytes += bytes;
      if (bytes < 0) this.#options.onLess();
    });
    this.#wires.set(connection, wire);
    connection.once('close', () => this.#wires.delete(connection));
    // An end of the connection while it is being written to would confuse Engine.IO.
    connection.on('packetCreate', () => {
      if (wire.messages === trafficLimits.messages)
        setImmediate(() => {
          this.#end(wire);
        });
    });
    return wire;
  }

  close(): void {
    clearInterval(this.#sweeping);
  }

  #sweep(): void {
    const now = Date.now();
    for (const wire of this.#wires.values())
      if (wire.stuckFor(now) > this.#options.stuckWithin) this.#end(wire);
  }

  #end(wire: Wire): void {
    if (wire.isEmpty) return;
    this.#options.onUnread();
    wire.cut();
  }
}
