/** What clients ask for over Socket.IO, and what it may cost the gateway. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { RequestPace } from '../../../gateway/live/requests.ts';
import { Turns } from '../../../gateway/live/turns.ts';
import { loadDefinition } from '../../../processes/load.ts';
import { assetPath, assetPaths, withCells } from '../../../processes/plant.ts';
import { waitFor } from '../../support/wait.ts';
import { emptyHistory, memoryGateway, type MemoryGateway } from '../memory-gateway.ts';
import { alert, reading } from '../records.ts';
import { connect, type Client, type ClientOptions } from './clients.ts';

const casting = loadDefinition('processes/casting.yaml');
const eight = withCells(
  casting,
  Array.from({ length: 8 }, (_, n) => `S${n + 1}`),
);
const assets = assetPaths(eight);
const [s1 = '', s2 = ''] = assets;

describe('requests of live clients', () => {
  let running: MemoryGateway | undefined;
  const clients: Client[] = [];
  const client = (url: string, options: ClientOptions = {}): Client => {
    const one = connect(url, options);
    clients.push(one);
    return one;
  };
  afterEach(async () => {
    for (const one of clients.splice(0)) one.close();
    await running?.stop();
    running = undefined;
  });

  describe('in a process with a small heap', () => {
    let child: ChildProcess | undefined;
    afterEach(() => child?.kill());

    it('cost the memory of one answer when the client does not read', async () => {
      child = fork(join(import.meta.dirname, 'small-gateway.ts'), {
        execArgv: ['--max-old-space-size=128', '--disable-warning=ExperimentalWarning'],
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      const [url] = (await once(child, 'message')) as [string];
      const dead = once(child, 'exit').then(() => assert.fail('the gateway has died'));
      const deaf = client(url);
      await deaf.join(assets);
      deaf.stall();
      for (let n = 0; n < 150; n++) deaf.socket.emit('join', { assets }, () => undefined);
      const inFlight = async (): Promise<number> => {
        const metrics = await (await fetch(`${url}/metrics`)).text();
        return Number(/castwatch_gateway_message_in_flight[^\n]* (\d+)$/m.exec(metrics)?.[1] ?? NaN);
      };
      // Another client is served as ever, several times.
      const other = client(url);
      for (let n = 0; n < 5; n++)
        assert.equal((await Promise.race([other.join(assets), dead])).assets.length, 8);
      assert.ok((await inFlight()) < 1_000_000, `${await inFlight()} bytes are on their way`);
      deaf.readOn();
      await Promise.race([deaf.join(assets), dead]);
      await waitFor(async () => (await inFlight()) === 0, 'everything to have left');
      dead.catch(() => undefined);
    }).timeout(60_000);
  });

  it('are not worked on any more when the client has gone', async () => {
    const asked: string[] = [];
    let answer: (() => void) | undefined;
    running = await memoryGateway(eight, {
      history: {
        ...emptyHistory,
        predictions: (asset) => {
          asked.push(asset);
          return new Promise((resolve) => {
            answer = () => {
              resolve([]);
            };
          });
        },
      },
    });
    const { gateway } = running;
    const one = client(gateway.url);
    await waitFor(() => one.socket.connected, 'the connection');
    for (let n = 0; n < 50; n++) one.socket.emit('join', { assets }, () => undefined);
    await waitFor(() => answer !== undefined, 'the first query');
    one.close();
    await waitFor(() => gateway.clients() === 0, 'the client to have gone');
    answer?.();
    const next = client(gateway.url);
    const joined = next.join([s2]);
    await waitFor(() => asked.includes(s2), 'the next client to be served');
    answer?.();
    await joined;
    assert.deepEqual(asked, [s1, s2]);
  });

  it('replace a join that waits, and get an answer each', async () => {
    running = await memoryGateway(eight);
    const one = client(running.gateway.url);
    const [first, second, third] = await Promise.all(
      [[s1], [s2], assets].map((these) => one.socket.emitWithAck('join', { assets: these })),
    );
    assert.ok(third?.ok);
    assert.equal(third.snapshot.assets.length, 8);
    for (const earlier of [first, second])
      assert.ok(earlier?.ok !== false || earlier.problem.includes('a newer join has replaced this one'));
    assert.equal(second?.ok, false);
  });

  for (const transports of [['polling'], ['polling', 'websocket']] as const) {
    it(`are answered one after another by ${transports.join(' and then ')}`, async () => {
      running = await memoryGateway(eight);
      const { gateway, metrics } = running;
      const one = client(gateway.url, { transports });
      for (let n = 0; n < 3; n++) {
        assert.equal((await one.join(assets)).assets.length, 8);
        assert.equal((await one.socket.emitWithAck('scans', { asset: s1 })).ok, true);
      }
      if (transports.length > 1)
        await waitFor(() => one.socket.io.engine.transport.name === 'websocket', 'the upgrade');
      running.publish('validatedReadings', reading(eight, s1, 1_000));
      await waitFor(() => one.scans().length > 0, 'a frame');
      await waitFor(
        async () => /message_in_flight[^\n]* 0$/m.test(await metrics.text()),
        'everything to have left',
      );
    });
  }

  it('are refused for assets that are unknown, and the last join stays', async () => {
    running = await memoryGateway(eight);
    const one = client(running.gateway.url);
    await one.join([s1]);
    await assert.rejects(one.join([s2, 'Nowhere/S1']), /no data ever: Nowhere\/S1\. GET \/v1\/assets/);
    running.publish('validatedReadings', reading(eight, s2, 1_000));
    running.publish('validatedReadings', reading(eight, s1, 1_000));
    await waitFor(() => one.scans().length > 0, 'a scan');
    assert.deepEqual(
      one.scans().map(({ asset }) => asset),
      [s1],
    );
  });

  it('know the assets that are stored or have sent data, where a definition names none', async () => {
    const rig = loadDefinition('processes/pump-rig.yaml');
    const [stored, live, unknown] = ['stored', 'live', 'unknown'].map((cell) => assetPath(rig, cell)) as [
      string,
      string,
      string,
    ];
    running = await memoryGateway(rig, {
      history: { ...emptyHistory, assets: () => Promise.resolve([{ asset: stored, lastEventTime: 1 }]) },
    });
    const one = client(running.gateway.url);
    const seen = new Promise((resolve) => one.socket.once('asset-seen', resolve));
    await one.join([stored]);
    running.publish('validatedReadings', reading(rig, live, 1_000));
    assert.equal(await seen, live);
    await one.join([stored, live]);
    await assert.rejects(one.join([unknown]), /no data ever/);
  });

  it('without a callback get an error event', async () => {
    running = await memoryGateway(eight);
    const { socket } = client(running.gateway.url);
    for (const event of ['join', 'scans'] as const) {
      const problem = new Promise<string>((resolve) => socket.once('problem', resolve));
      // As a program in another language may send it.
      (socket as unknown as { emit(event: string, request: object): void }).emit(event, { assets: [s1] });
      assert.equal(await problem, `${event} needs a callback, which gets the answer`);
    }
  });

  it('are refused for scans of an asset that is not joined', async () => {
    running = await memoryGateway(eight);
    const one = client(running.gateway.url);
    await one.join([s1]);
    assert.equal((await one.socket.emitWithAck('scans', { asset: s1 })).ok, true);
    const refused = await one.socket.emitWithAck('scans', { asset: s2 });
    assert.ok(!refused.ok && refused.problem.includes('joined'));
  });

  /** A client that has asked for an answer larger than what the operating system takes, and does not read it. */
  const deafToALargeAnswer = async (options: { readonly acknowledgeWithin?: number } = {}) => {
    const large = alert(s1, 1_000, { message: 'x'.repeat(30_000_000) });
    running = await memoryGateway(eight, {
      ...options,
      history: { ...emptyHistory, alerts: ({ open }) => Promise.resolve(open ? [large] : []) },
    });
    const deaf = client(running.gateway.url);
    await waitFor(() => deaf.socket.connected, 'the connection');
    deaf.stall();
    deaf.socket.emit('join', { assets }, () => undefined);
    return { metrics: running.metrics, deaf };
  };

  it('end the connection of a client that sends many and reads no answer', async () => {
    const { metrics, deaf } = await deafToALargeAnswer();
    await waitFor(
      async () => /message_in_flight[^\n]* [3-9]\d{7}$/m.test(await metrics.text()),
      'the answer to be on its way',
    );
    for (let n = 0; n < 1_100; n++) deaf.socket.emit('join', { assets }, () => undefined);
    await waitFor(
      async () => /castwatch_gateway_client_let_go[^\n]*unread/.test(await metrics.text()),
      'the gateway to end it',
    );
    await waitFor(
      async () => /message_in_flight[^\n]* 0$/m.test(await metrics.text()),
      'what was on its way to be dropped',
    );
  }).timeout(30_000);

  it('end the connection of a client that reads nothing of an answer for too long', async () => {
    const { metrics } = await deafToALargeAnswer({ acknowledgeWithin: 100 });
    await waitFor(
      async () => /castwatch_gateway_client_let_go[^\n]*unread/.test(await metrics.text()),
      'the gateway to end it',
    );
  }).timeout(30_000);
});

describe('RequestPace', () => {
  it('allows some at once, and then a number per minute', () => {
    const pace = new RequestPace(3, 60);
    const now = 1_000_000;
    assert.deepEqual(
      [now, now, now, now, now].map((at) => pace.take(at)),
      [0, 0, 0, 1_000, 2_000],
    );
    assert.equal(pace.take(now + 2_500), 500);
    assert.deepEqual(
      Array.from({ length: 4 }, () => pace.take(now + 60_000)),
      [0, 0, 0, 1_000],
    );
  });
});

describe('Turns', () => {
  it('are taken in order, a few at a time, and given up by those that have gone', async () => {
    let mayBegin = false;
    const turns = new Turns(1, () => mayBegin);
    const begun: string[] = [];
    const take = (name: string, signal: AbortSignal) =>
      turns.take(signal, () => {
        begun.push(name);
        return Promise.resolve();
      });
    const leaver = new AbortController();
    const stays = new AbortController().signal;
    const first = take('first', stays);
    const second = take('second', leaver.signal);
    const third = take('third', stays);
    assert.deepEqual(begun, []);
    leaver.abort(new Error('gone'));
    await assert.rejects(second, /gone/);
    mayBegin = true;
    turns.next();
    await Promise.all([first, third]);
    assert.deepEqual(begun, ['first', 'third']);
  });
});
