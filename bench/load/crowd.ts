/** A process with many live clients. Each joins some assets and records when it gets their scans. A few stop reading. */
import { io, type Socket } from 'socket.io-client';
import { messageOf } from '../../base/text.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '../../gateway/shared/messages.ts';
import { Distribution } from '../reporting/distribution.ts';
import type { CrowdOptions, FromCrowd, ToCrowd } from './crowd-protocol.ts';

const { url, assets, perClient, stalledEvery } = JSON.parse(process.argv[2] ?? '{}') as CrowdOptions;
const tell = (message: FromCrowd): void => void process.send?.(message);

let clients = 0;
let stalled = 0;
let skipped = 0;
let delays = new Distribution();

async function connect(index: number): Promise<void> {
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(url, {
    transports: ['websocket'],
    forceNew: true,
  });
  const isStalled = index % stalledEvery === stalledEvery - 1;
  socket.on('frame', (frame, acknowledge) => {
    acknowledge();
    const now = performance.timeOrigin + performance.now();
    for (const { publishedAt } of frame.scans) if (publishedAt !== null) delays.add(now - publishedAt);
    if (!isStalled) skipped += frame.skipped;
  });
  const own = Array.from(
    { length: perClient },
    (_, each) => assets[(index * perClient + each) % assets.length] ?? '',
  );
  await socket.emitWithAck('join', { assets: [...new Set(own)] });
  clients += 1;
  if (!isStalled) return;
  stalled += 1;
  stall(socket);
}

/** Stops reading from the network, like a page that hangs. */
function stall(socket: Socket<ServerToClientEvents, ClientToServerEvents>): void {
  const transport = socket.io.engine.transport as unknown as {
    readonly ws: { readonly _socket: { pause(): void } };
  };
  transport.ws._socket.pause();
}

async function obey(order: ToCrowd): Promise<void> {
  if (order.kind === 'grow') {
    for (let index = clients; index < order.clients; index++) await connect(index);
    tell({ kind: 'grown' });
    return;
  }
  const [p50, p99] = [delays.percentile(0.5), delays.percentile(0.99)];
  tell({ kind: 'delivered', clients, stalled, scans: delays.count, p50, p99, skipped });
  delays = new Distribution();
  skipped = 0;
}

process.on('message', (order: ToCrowd) => {
  obey(order).catch((error: unknown) => {
    tell({ kind: 'failed', message: messageOf(error) });
  });
});
process.once('disconnect', () => process.exit(0));
tell({ kind: 'ready' });
