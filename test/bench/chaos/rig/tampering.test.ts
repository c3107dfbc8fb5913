import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TcpLink } from '../../../../bench/chaos/rig/link.ts';
import { Frames } from '../../../../bench/chaos/rig/tampering.ts';
import { NamedRandom } from '../../../../base/random.ts';
import { seed } from '../../../support/seed.ts';
import { waitFor } from '../../../support/wait.ts';

const endTxn = 26;
const heartbeat = 12;
const requests = 300;

/** Length, api key, version, number. */
function request(apiKey: number, number: number): Buffer {
  const frame = Buffer.alloc(12);
  frame.writeInt32BE(8, 0);
  frame.writeInt16BE(apiKey, 4);
  frame.writeInt32BE(number, 8);
  return frame;
}

describe('a network that tampers with the requests of transactions', () => {
  let broker: Server;
  let link: TcpLink;
  let arrived: number[];

  beforeEach(async () => {
    arrived = [];
    broker = createServer((socket) => {
      const frames = new Frames();
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        for (const frame of frames.add(chunk)) {
          arrived.push(frame.readInt32BE(8));
          socket.write(Buffer.concat([Buffer.from([0, 0, 0, 4]), frame.subarray(8)]));
        }
      });
    });
    broker.listen(0, '127.0.0.1');
    await once(broker, 'listening');
    link = await TcpLink.open(true);
    link.leadTo((broker.address() as AddressInfo).port);
  });
  afterEach(async () => {
    await link.close();
    broker.close();
  });

  /** Sends requests over one connection after another: a new one when the link has broken the last. */
  async function sendAll(apiKey: number): Promise<{ answers: Set<number>; breaks: number }> {
    const answers = new Set<number>();
    let breaks = 0;
    let socket = open();
    function open(): Socket {
      const frames = new Frames();
      const opened = connect(link.port, '127.0.0.1');
      opened.on('error', () => undefined);
      opened.on('data', (chunk) => {
        for (const frame of frames.add(chunk)) answers.add(frame.readInt32BE(4));
      });
      opened.once('close', () => {
        breaks += 1;
      });
      return opened;
    }
    for (let number = 0; number < requests; number++) {
      if (socket.destroyed) socket = open();
      socket.write(request(apiKey, number));
      const sent = socket;
      await waitFor(() => sent.destroyed || arrived.includes(number), `request ${number}`);
    }
    await waitFor(() => new Set(arrived).size === requests, 'all requests to arrive');
    socket.destroy();
    return { answers, breaks };
  }

  it('lets every request arrive, some twice, some late and some after their connection broke', async () => {
    const tampering = link.tamper(new NamedRandom(`${seed}`), { delay: [1, 10], late: [1, 30] });
    const { breaks } = await sendAll(endTxn);
    await tampering.stop();
    const repeated = tampering.counts.get('EndTxn repeated') ?? 0;
    assert.ok(repeated > 0 && breaks > 0, JSON.stringify([...tampering.counts]));
    assert.equal(arrived.length, requests + repeated);
    assert.equal(new Set(arrived).size, requests);
    for (const mishap of ['delayed', 'overtaken', 'delivered after a break'])
      assert.ok(tampering.counts.has(`EndTxn ${mishap}`), mishap);
  });

  it('leaves all other requests as they are, and all requests once it is stopped', async () => {
    const tampering = link.tamper(new NamedRandom(`${seed}`), { delay: [1, 10], late: [1, 30] });
    const { answers } = await sendAll(heartbeat);
    assert.equal(answers.size, requests);
    assert.deepEqual(
      arrived,
      [...arrived].sort((a, b) => a - b),
    );
    await tampering.stop();
    arrived = [];
    await sendAll(endTxn);
    assert.equal(arrived.length, requests);
    assert.equal(tampering.counts.size, 0);
  });
});
