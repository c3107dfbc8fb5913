/** Socket.IO clients as programs use them, for tests. */
import { io, type Socket } from 'socket.io-client';
import type {
  ClientToServerEvents,
  Frame,
  JoinAnswer,
  Scan,
  ServerToClientEvents,
  Snapshot,
} from '../../../gateway/shared/messages.ts';

export type LiveSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

export interface Client {
  readonly socket: LiveSocket;
  readonly frames: Frame[];
  /** Of all frames. */
  scans(): Scan[];
  join(assets: readonly string[]): Promise<Snapshot>;
  /** Stops reading from the network, as a page that hangs does. */
  stall(): void;
  readOn(): void;
  close(): void;
}

export interface ClientOptions {
  /** Default true. */
  readonly acknowledge?: boolean;
  /** Default: WebSocket. */
  readonly transports?: readonly ('polling' | 'websocket')[];
}

export function connect(url: string, options: ClientOptions = {}): Client {
  const { acknowledge = true, transports = ['websocket'] } = options;
  const socket: LiveSocket = io(url, { transports: [...transports], forceNew: true, reconnectionDelay: 20 });
  const frames: Frame[] = [];
  socket.on('frame', (frame, done) => {
    frames.push(frame);
    if (acknowledge) done();
  });
  return {
    socket,
    frames,
    scans: () => frames.flatMap((frame) => frame.scans),
    async join(assets) {
      const answer: JoinAnswer = await socket.emitWithAck('join', { assets });
      if (!answer.ok) throw new Error(answer.problem);
      return answer.snapshot;
    },
    stall: () => {
      rawSocket(socket).pause();
    },
    readOn: () => {
      rawSocket(socket).resume();
    },
    close: () => {
      socket.close();
    },
  };
}

/** The TCP socket under the WebSocket. */
function rawSocket(socket: LiveSocket): { pause(): void; resume(): void } {
  const transport = socket.io.engine.transport as unknown as {
    readonly ws: { readonly _socket: { pause(): void; resume(): void } };
  };
  return transport.ws._socket;
}
