/** A console's connection to the gateway, without a console. It can stop reading, as a page that hangs does. */
import { io, type Socket } from 'socket.io-client';
import type {
  ClientToServerEvents,
  JoinAnswer,
  ServerToClientEvents,
} from '../../../gateway/shared/messages.ts';

export interface ConsoleClient {
  /** When each frame arrived, ms since the epoch. */
  readonly frames: readonly number[];
  /** Reads nothing more from the network. */
  stall(): void;
  close(): void;
}

/** Resolves when it has joined the assets. */
export async function openConsole(url: string, assets: readonly string[]): Promise<ConsoleClient> {
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(url, {
    transports: ['websocket'],
    forceNew: true,
  });
  const frames: number[] = [];
  socket.on('frame', (_frame, done) => {
    frames.push(Date.now());
    done();
  });
  const answer: JoinAnswer = await socket.emitWithAck('join', { assets: [...assets] });
  if (!answer.ok) throw new Error(answer.problem);
  return {
    frames,
    stall() {
      // The TCP socket under the WebSocket; Socket.IO has no API for this.
      const transport = socket.io.engine.transport as unknown as {
        readonly ws: { readonly _socket: { pause(): void } };
      };
      transport.ws._socket.pause();
    },
    close() {
      socket.close();
    },
  };
}
