import assert from 'node:assert/strict';
import { assetPaths, withCells } from '../../../processes/plant.ts';
import { loadDefinition } from '../../../processes/load.ts';
import { MemoryBroker } from '../../../stream/index.ts';
import { waitFor } from '../../support/wait.ts';
import { memoryGateway, noHistory, emptyHistory, type MemoryGateway } from '../memory-gateway.ts';
import { alert, prediction, reading } from '../records.ts';
import { connect, type Client, type ClientOptions } from './clients.ts';

const definition = withCells(loadDefinition('processes/casting.yaml'), ['S1', 'S2']);
const [s1 = '', s2 = ''] = assetPaths(definition);
const [firstTag] = definition.tags;

describe('live stream', () => {
  let running: MemoryGateway | undefined;
  const clients: Client[] = [];

  const start = async (
    ...options: Parameters<typeof memoryGateway> extends [unknown, ...infer O] ? O : never
  ) => {
    running = await memoryGateway(definition, ...options);
    return running;
  };
  const client = (gateway: MemoryGateway, options?: ClientOptions): Client => {
    const one = connect(gateway.gateway.url, options);
    clients.push(one);
    return one;
  };

  afterEach(async () => {
    for (const one of clients.splice(0)) one.close();
    await running?.stop();
    running = undefined;
  });

  it('sends what is published after the join, and nothing from other assets', async () => {
    const gateway = await start();
    const one = client(gateway);
    await one.join([s1]);
    gateway.publish('validatedReadings', reading(definition, s1, 1_000, { [firstTag?.id ?? '']: 0.5 }));
    gateway.publish('validatedReadings', reading(definition, s2, 1_000));
    gateway.publish('predictions', prediction(s1, 5_000, { probability: 0.31 }));
    await waitFor(
      () => one.scans().length === 1 && one.frames.some((frame) => frame.predictions.length === 1),
      'scan and prediction',
    );
    const [scan] = one.scans();
    assert.deepEqual(
      { asset: scan?.asset, time: scan?.eventTime, first: scan?.values[0], marks: scan?.marks },
      { asset: s1, time: 1_000, first: 0.5, marks: [] },
    );
    assert.equal(scan?.values.length, definition.tags.length);
  });

  it('marks values that are not both measured and good', async () => {
    const gateway = await start();
    const one = client(gateway);
    await one.join([s1]);
    const held = { treatment: 'HELD', quality: 'UNCERTAIN', reason: 'ABSENT' } as const;
    gateway.publish(
      'validatedReadings',
      reading(definition, s1, 1_000, { [definition.tags[3]?.id ?? '']: held }),
    );
    const [scan] = await waitFor(() => one.scans().length > 0 && one.scans(), 'the scan');
    assert.deepEqual(scan?.marks, [{ tag: 3, ...held }]);
  });

  it('sends a new client a snapshot before the frames', async () => {
    const gateway = await start();
    gateway.publish('validatedReadings', reading(definition, s1, 1_000));
    gateway.publish('predictions', prediction(s1, 1_000));
    gateway.publish('alerts', alert(s2, 900));
    const early = client(gateway);
    await early.join([s1]);
    const one = client(gateway);
    const snapshot = await waitFor(async () => {
      const given = await one.join([s1]);
      const [found] = given.assets;
      return (
        given.alerts.length > 0 && found?.scan?.eventTime === 1_000 && found.prediction !== null && given
      );
    }, 'a snapshot with scan and alert');
    assert.equal(snapshot.feed.state, 'live');
    assert.equal(snapshot.historyMissing, null);
    assert.deepEqual(
      snapshot.assets.map(({ asset, scan, prediction: newest, trend }) => [
        asset,
        scan?.eventTime,
        newest?.eventTime,
        trend.map(({ eventTime }) => eventTime),
      ]),
      [[s1, 1_000, 1_000, [1_000]]],
    );
  });

  it('begins a little before the end, so that a restarted gateway knows the open alarms without a database', async () => {
    const broker = new MemoryBroker();
    const before = await start({ broker });
    before.publish('alerts', alert(s1, 900));
    before.publish('validatedReadings', reading(definition, s1, 1_000));
    await before.stop();
    const gateway = await start({ broker, history: noHistory });
    const one = client(gateway);
    const snapshot = await waitFor(async () => {
      const given = await one.join([s1]);
      return given.alerts.length > 0 && given.assets[0]?.scan?.eventTime === 1_000 && given;
    }, 'the alert from before the restart');
    assert.match(snapshot.historyMissing ?? '', /database/);
  });

  it('joins stored history and live data without a gap or a duplicate', async () => {
    const stored = [1_000, 2_000, 3_000].map((eventTime) => ({
      asset: s1,
      eventTime,
      publishedAt: null,
      values: [],
      marks: [],
    }));
    const gateway = await start({ history: { ...emptyHistory, scans: () => Promise.resolve(stored) } });
    gateway.publish('validatedReadings', reading(definition, s1, 3_000));
    gateway.publish('validatedReadings', reading(definition, s1, 4_000));
    const one = client(gateway);
    await one.join([s1]);
    const answer = await waitFor(async () => {
      const given = await one.socket.emitWithAck('scans', { asset: s1 });
      return given.ok && given.scans.length === 4 && given;
    }, 'stored and live scans');
    assert.deepEqual(
      answer.scans.map(({ eventTime }) => eventTime),
      [1_000, 2_000, 3_000, 4_000],
    );
  });

  it('keeps a bounded amount for a client that reads nothing, reports what it missed, and serves the others', async () => {
    const gateway = await start({ flushEvery: 5 });
    const slow = client(gateway);
    const quick = client(gateway);
    await Promise.all([slow.join([s1]), quick.join([s1])]);
    slow.stall();
    const count = 5_000;
    for (let n = 1; n <= count; n++) {
      gateway.publish('validatedReadings', reading(definition, s1, n * 1_000));
      if (n % 500 === 0) gateway.publish('alerts', alert(s1, n));
      // Lets the gateway take them as they come, in many frames.
      if (n % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await waitFor(
      () => quick.scans().at(-1)?.eventTime === count * 1_000,
      'the quick client to have the newest',
    );
    slow.readOn();
    await waitFor(
      () => slow.scans().at(-1)?.eventTime === count * 1_000,
      'the slow client to have the newest',
    );
    const skippedOf = (one: Client): number => one.frames.reduce((sum, frame) => sum + frame.skipped, 0);
    const skipped = skippedOf(slow);
    assert.equal(slow.scans().length + skipped, count, 'what did not come is counted');
    assert.ok(slow.scans().length <= 100, `only the newest were kept, not ${slow.scans().length}`);
    for (const one of [slow, quick]) {
      assert.deepEqual(
        one.frames.flatMap((frame) => frame.alerts).map(({ raisedAt }) => raisedAt),
        Array.from({ length: count / 500 }, (_, n) => (n + 1) * 500),
        'no alert is left out',
      );
    }
    assert.match(
      await gateway.metrics.text(),
      new RegExp(`castwatch_gateway_message_skipped[^\\n]* ${skipped + skippedOf(quick)}\\b`),
    );
  }).timeout(60_000);

  it('disconnects a client that does not acknowledge; the client reconnects to a snapshot', async () => {
    const gateway = await start({ acknowledgeWithin: 50 });
    const mute = client(gateway, { acknowledge: false });
    await mute.join([s1]);
    const gone = new Promise<string>((resolve) => mute.socket.once('disconnect', resolve));
    gateway.publish('validatedReadings', reading(definition, s1, 1_000));
    assert.equal(await gone, 'transport close');
    await waitFor(() => mute.socket.connected, 'the client to be back');
    const snapshot = await mute.join([s1]);
    assert.equal(snapshot.assets[0]?.scan?.eventTime, 1_000);
    assert.match(await gateway.metrics.text(), /castwatch_gateway_client_let_go[^\n]*no-acknowledge/);
  });

  it('says what is wrong with a join, and accepts another one', async () => {
    const gateway = await start();
    const one = client(gateway);
    await assert.rejects(one.join([42 as unknown as string]), /join takes \{assets/);
    await assert.rejects(one.join(Array.from({ length: 300 }, (_, n) => `asset ${n}`)), /at most 256 assets/);
    await one.join([s1]);
  });

  it('sends the assets of the latest join only', async () => {
    const gateway = await start();
    const one = client(gateway);
    await one.join([s1]);
    await one.join([s2]);
    gateway.publish('validatedReadings', reading(definition, s1, 1_000));
    gateway.publish('validatedReadings', reading(definition, s2, 1_000));
    await waitFor(() => one.scans().length > 0, 'a scan');
    assert.deepEqual(
      one.scans().map(({ asset }) => asset),
      [s2],
    );
  });

  it('counts records that it cannot decode, and continues', async () => {
    const gateway = await start();
    const one = client(gateway);
    await one.join([s1]);
    gateway.broker.send([{ topic: 'validated-readings.v1', key: s1, value: Buffer.from('no Avro') }]);
    gateway.publish('validatedReadings', reading(definition, s1, 1_000));
    await waitFor(() => one.scans().length === 1, 'the scan behind it');
    assert.match(
      await gateway.metrics.text(),
      /castwatch_gateway_record_undecodable[^\n]*validated-readings\.v1[^\n]* 1\b/,
    );
  });

  it('accepts connections only from its own pages and from programs', async () => {
    const gateway = await start();
    const one = connect(gateway.gateway.url);
    clients.push(one);
    await waitFor(() => one.socket.connected, 'a program to connect');
    const foreign = await fetch(`${gateway.gateway.url}/socket.io/?EIO=4&transport=polling`, {
      headers: { Origin: 'http://elsewhere.example' },
    });
    assert.equal(foreign.status, 403);
  });
});
