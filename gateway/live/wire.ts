/**
 * Counts what has been given to connections and has not left this process yet. Socket.IO itself queues without a bound for a
 * client that does not read.
 */
import { ServerResponse } from 'node:http';
import type { Socket } from 'socket.io';

/** A connection below Socket.IO: a WebSocket, or requests that poll. */
export type LiveConnection = Socket['conn'];
type ConnectionTransport = LiveConnection['transport'];

export class Wire {
  readonly #connection: LiveConnection;
  readonly #onChange: (bytes: number) => void;
  readonly #waiting: (() => void)[] = [];
  /** When it last became full or something left it, ms since the epoch. */
  #movedAt = 0;
  #bytes = 0;
  #messages = 0;
  /** The part that the transport has taken and not sent yet. */
  #leaving = { bytes: 0, messages: 0 };
  /** The answer to a polling request that is being sent. */
  #response: ServerResponse | undefined;
  #isClosed = false;

  /** @param onChange called with the number of bytes that came or, below 0, left */
  constructor(connection: LiveConnection, onChange: (bytes: number) => void) {
    this.#connection = connection;
    this.#onChange = onChange;
    connection.on('packetCreate', ({ data }: { readonly data?: unknown }) => {
      this.#came(sizeOf(data));
    });
    connection.on('flush', () => {
      this.#leaving = { bytes: this.#bytes, messages: this.#messages };
    });
    connection.on('upgrade', (transport: ConnectionTransport) => {
      this.#follow(transport);
    });
    connection.once('close', () => {
      // Otherwise a WebSocket waits up to 30 s for the client's goodbye, and keeps what it has to send.
      terminate(connection.transport);
      if (this.#bytes > 0) this.#response?.destroy();
      this.#isClosed = true;
      this.#left(this.#bytes, this.#messages);
    });
    this.#follow(connection.transport);
  }

  get messages(): number {
    return this.#messages;
  }

  get isEmpty(): boolean {
    return this.#messages === 0;
  }

  /** ms for which nothing has left it, although something waits. */
  stuckFor(now: number): number {
    return this.isEmpty ? 0 : now - this.#movedAt;
  }

  /** Resolves when everything has left this process, or the connection is closed. */
  async drained(): Promise<void> {
    if (!this.isEmpty)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
  }

  /** Closes the connection and drops what it has not sent. */
  cut(): void {
    terminate(this.#connection.transport);
    this.#response?.destroy();
    this.#connection.close(true);
  }

  #follow(transport: ConnectionTransport): void {
    transport.on('headers', () => {
      this.#response =
        'res' in transport && transport.res instanceof ServerResponse ? transport.res : undefined;
    });
    transport.on('drain', () => {
      const { bytes, messages } = this.#leaving;
      this.#leaving = { bytes: 0, messages: 0 };
      const response = this.#response;
      this.#response = undefined;
      // Polling says that it has drained as soon as it has answered, though the answer may not have left yet.
      if (response === undefined || response.writableFinished || response.destroyed)
        this.#left(bytes, messages);
      else {
        this.#response = response;
        response.once('close', () => {
          this.#left(bytes, messages);
        });
      }
    });
  }

  #came(bytes: number): void {
    if (this.#isClosed) return;
    if (this.isEmpty) this.#movedAt = Date.now();
    this.#bytes += bytes;
    this.#messages += 1;
    this.#onChange(bytes);
  }

  #left(bytes: number, messages: number): void {
    const gone = Math.min(bytes, this.#bytes);
    this.#bytes -= gone;
    this.#messages -= Math.min(messages, this.#messages);
    this.#movedAt = Date.now();
    if (this.isEmpty) for (const resolve of this.#waiting.splice(0)) resolve();
    this.#onChange(-gone);
  }
}

function sizeOf(data: unknown): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  return ArrayBuffer.isView(data) ? data.byteLength : 0;
}

/** Ends a WebSocket at once. `close` would wait for the client's answer. */
function terminate(transport: object): void {
  if (!('socket' in transport) || typeof transport.socket !== 'object' || transport.socket === null) return;
  const { socket } = transport;
  if ('terminate' in socket && typeof socket.terminate === 'function')
    Reflect.apply(socket.terminate, socket, []);
}
