import assert from 'node:assert/strict';
import { topicNames } from '../../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../../schemas/registry/serde.ts';
import { type Producer, type ProducerRecord, StreamError } from '../../../stream/index.ts';
import { faultKinds, withFaults } from '../../../sources/faults/faults.ts';
import { createPacer } from '../../../sources/publish/speed.ts';
import { publish, type PublishProgress } from '../../../sources/publish/publish.ts';
import { createSimulator } from '../../../sources/simulator/simulator.ts';
import { keyOf, type Replayable, type SourceRecord } from '../../../sources/source.ts';
import { seed } from '../../support/seed.ts';
import { casting, collect, hours, minutes, smallPlant, start } from '../plants.ts';

const serde = serdeWithoutRegistry();
const names = topicNames();
const decode = {
  [names.sensorReadings]: serde.codec('sensorReadings'),
  [names.mesEvents]: serde.codec('mesEvents'),
  [names.qualityLabels]: serde.codec('qualityLabels'),
};

const caster = (duration: number): Replayable =>
  createSimulator({ definition: casting(), seed, start, duration });

/** Keeps what it was sent; acknowledges on the next turn of the event loop. */
class RecordingProducer implements Producer {
  readonly acknowledged: ProducerRecord[] = [];
  requests = 0;
  #underway = 0;
  #failures: number;

  constructor(failures = 0) {
    this.#failures = failures;
  }

  async send(records: readonly ProducerRecord[]): Promise<void> {
    assert.equal(this.#underway++, 0, 'two requests at once could change places');
    this.requests++;
    await new Promise((resolve) => setImmediate(resolve));
    this.#underway--;
    if (this.#failures-- > 0) throw new StreamError('BROKER_UNAVAILABLE', 'nobody there');
    this.acknowledged.push(...records);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const sent = (records: readonly ProducerRecord[], topic: string) =>
  records.filter((record) => record.topic === topic);
const of = (records: readonly SourceRecord[], topic: SourceRecord['topic']) =>
  records.filter((record) => record.topic === topic);

describe('sources/publish', function () {
  this.timeout(90_000);

  it('publishes every record on its topic, keyed by asset, in the order of the source', async () => {
    const source = withFaults({ source: caster(2 * hours), definition: casting(), seed, kinds: faultKinds });
    const producer = new RecordingProducer();
    const progress: PublishProgress[] = [];
    const summary = await publish({
      source,
      producer,
      serde,
      speed: 'max',
      onProgress: (p) => progress.push(p),
    });
    const all = await collect(source);
    for (const topic of ['sensorReadings', 'mesEvents', 'qualityLabels'] as const) {
      const expected = of(all, topic);
      const got = sent(producer.acknowledged, names[topic]);
      assert.equal(got.length, expected.length);
      got.forEach(({ key, value, timestamp }, place) => {
        const record = expected[place];
        assert.ok(record !== undefined && value !== null);
        assert.equal(key, keyOf(record));
        assert.equal(timestamp, record.timestamp);
        if (record.value === null) assert.deepEqual(value, record.bytes);
        else assert.deepEqual({ ...(decode[names[topic]]?.decode(value) ?? {}) }, { ...record.value });
      });
    }
    assert.ok(summary.complete);
    assert.equal(summary.resent, 0);
    assert.deepEqual(summary.published, {
      sensorReadings: of(all, 'sensorReadings').filter((record) => record.value !== null).length,
      mesEvents: of(all, 'mesEvents').length,
      qualityLabels: of(all, 'qualityLabels').length,
      undecodable: source.counts()['undecodable'],
    });
    assert.deepEqual(progress.at(-1)?.published, summary.published);
    assert.equal(progress.at(-1)?.share, 1);
  });

  it('waits for the acknowledgement of an MES event before it sends later readings', async () => {
    const source = caster(3 * hours);
    const acknowledged = new Set<string>();
    const inner = new RecordingProducer();
    const before = new Map<string, string[]>();
    const pending: string[] = [];
    for (const record of await collect(source)) {
      if (record.topic === 'mesEvents') pending.push(`${record.value.asset} ${record.value.sequence}`);
      if (record.topic === 'sensorReadings' && record.value !== null)
        before.set(`${record.value.asset} ${record.value.sequence}`, pending.splice(0));
    }
    const producer: Producer = {
      async send(records) {
        for (const { topic, value } of records) {
          if (topic !== names.sensorReadings || value === null) continue;
          const { asset, sequence } = serde.codec('sensorReadings').decode(value);
          for (const event of before.get(`${asset} ${sequence}`) ?? [])
            assert.ok(acknowledged.has(event), event);
        }
        await inner.send(records);
        for (const { topic, value } of records) {
          if (topic !== names.mesEvents || value === null) continue;
          const { asset, sequence } = serde.codec('mesEvents').decode(value);
          acknowledged.add(`${asset} ${sequence}`);
        }
      },
      close: () => Promise.resolve(),
    };
    await publish({ source, producer, serde, speed: 'max' });
    assert.ok(acknowledged.size > 10);
  });

  it('names each event for CloudEvents, the same when it is published again', async () => {
    const ids = async () => {
      const producer = new RecordingProducer();
      await publish({ source: caster(10 * minutes), producer, serde, speed: 'max' });
      const headers = producer.acknowledged.map((record) => record.headers ?? {});
      for (const header of headers) {
        assert.equal(header['ce_specversion'], '1.0');
        assert.match(String(header['ce_type']), /^castwatch\..*\.v1$/);
        assert.ok(!Number.isNaN(Date.parse(String(header['ce_time']))));
        assert.equal(header['traceparent'], undefined, 'records are traced only on request');
      }
      return headers.map(
        (header) => `${String(header['ce_source'])} ${String(header['ce_type'])} ${String(header['ce_id'])}`,
      );
    };
    const first = await ids();
    assert.equal(new Set(first).size, first.length);
    assert.deepEqual(await ids(), first);
  });

  it('waits for a broker that is unreachable, loses nothing and keeps the order', async () => {
    const source = caster(10 * minutes);
    const producer = new RecordingProducer(2);
    const told: unknown[] = [];
    const summary = await publish({
      ...{ source, producer, serde, speed: 'max' },
      onUnaccepted: (unaccepted) => told.push(unaccepted?.why),
    });
    assert.equal(summary.resent, 2);
    assert.deepEqual(told, ['nobody there', undefined]);
    const sequences = sent(producer.acknowledged, names.sensorReadings).map(
      ({ value }) => serde.codec('sensorReadings').decode(value ?? Buffer.alloc(0)).sequence,
    );
    assert.deepEqual(
      sequences,
      of(await collect(source), 'sensorReadings').map((r) => (r.value as { sequence: number }).sequence),
    );
  });

  it('gives up on a broker that refuses', async () => {
    const producer: Producer = {
      send: () => Promise.reject(new StreamError('TOPIC_MISSING', 'no such topic')),
      close: () => Promise.resolve(),
    };
    await assert.rejects(publish({ source: caster(minutes), producer, serde, speed: 'max' }), {
      code: 'TOPIC_MISSING',
    });
  });

  it('drains when it is stopped: taken records are acknowledged and reported', async () => {
    const ending = new AbortController();
    const producer = new RecordingProducer();
    const summary = await publish({
      source: createSimulator({ definition: casting(), seed, start }), // without end
      producer,
      serde,
      speed: 'max',
      signal: ending.signal,
      onProgress: ({ published }) => {
        if (published.sensorReadings > 5000) ending.abort();
      },
    });
    assert.equal(summary.complete, false);
    assert.equal(sent(producer.acknowledged, names.sensorReadings).length, summary.published.sensorReadings);
    assert.ok(summary.published.sensorReadings > 5000);
  });

  it('can be stopped while it waits for plant time', async () => {
    const ending = new AbortController();
    const producer = new RecordingProducer();
    const running = publish({
      source: createSimulator({ definition: casting(), seed, start }),
      producer,
      serde,
      speed: 0.001, // the second scan is due in 1000 s
      signal: ending.signal,
      onProgress: () => {
        setImmediate(() => {
          ending.abort();
        });
      },
    });
    assert.deepEqual((await running).published, {
      sensorReadings: 2,
      mesEvents: 4,
      qualityLabels: 0,
      undecodable: 0,
    });
  });

  it('keeps requests small enough for any broker and any readings', async () => {
    const wide = Array.from({ length: 2000 }, (_, i) => ({
      tag: `Some/Long/Tag/Name/${i}`,
      value: i,
      quality: 'GOOD' as const,
    }));
    const reading = {
      asset: 'E/S/A/L/C1',
      eventTime: start,
      sequence: 1,
      source: 'wide',
      measurements: wide,
    };
    const source: Replayable = {
      kind: 'replayable',
      name: 'wide',
      async *[Symbol.asyncIterator]() {
        for (let i = 0; i < 40; i++) {
          yield await Promise.resolve([
            {
              topic: 'sensorReadings' as const,
              value: { ...reading, sequence: i },
              timestamp: start,
              due: 0,
            },
          ]);
        }
      },
      progress: () => ({ records: 0, share: undefined, timestamp: undefined }),
      counts: () => ({}),
    };
    let most = 0;
    const inner = new RecordingProducer();
    const producer: Producer = {
      send: (records) => {
        most = Math.max(
          most,
          records.reduce((sum, record) => sum + (record.value?.length ?? 0), 0),
        );
        return inner.send(records);
      },
      close: () => Promise.resolve(),
    };
    await publish({ source, producer, serde, speed: 'max' });
    assert.equal(inner.acknowledged.length, 40);
    assert.ok(most <= 512 * 1024, `${most}`);
  });
});

describe('sources/pace', () => {
  const at = (due: number) => ({ due, timestamp: 5_000_000 + due });

  it('maps plant time to wall time by the speed, from the first record on', () => {
    let clock = 1000;
    const pace = createPacer(10, undefined, () => clock);
    assert.equal(pace.wait(at(0)), 0);
    assert.equal(pace.wait(at(5000)), 500);
    clock += 400;
    assert.equal(pace.wait(at(5000)), 100);
    clock += 1000;
    assert.equal(pace.wait(at(5000)), 0, 'late is due at once');
    assert.equal(createPacer('max', undefined).wait(at(1e12)), 0);
  });

  it('waits for the timestamps when it is live', () => {
    const pace = createPacer('live', undefined, () => 5_000_000);
    assert.equal(pace.wait(at(-2000)), 0);
    assert.equal(pace.wait(at(700)), 700);
  });

  it('wakes at once when it is stopped', async () => {
    const ending = new AbortController();
    const waiting = createPacer('live', ending.signal, () => 0).reach(at(0));
    ending.abort();
    await waiting;
  });
});

describe('sources on a small plant', () => {
  it('can be simulated without pieces, arrays of tags and disturbances', async () => {
    const definition = smallPlant(`
  signals:
    X: { is: setpoint, at: 1, noise: { sigma: 1 } }
    Y: { is: sum, base: 2, terms: [{ of: X, gain: 2, from: 1 }] }
  labels:
    delay: [0s, 0s]
    background: { perHour: 60, defect: bad luck }
    mechanisms: {}`);
    const { piece: _none, ...about } = definition;
    assert.ok(_none !== undefined);
    const source = createSimulator({ definition: about, seed, start, duration: hours });
    const all = await collect(source);
    assert.equal(of(all, 'qualityLabels').length, 2 * 720);
    const truth = source.truth();
    assert.ok(Math.abs(truth.expectedDefectRate - (1 - Math.exp(-5 / 60))) < 1e-9);
    assert.equal(truth.rocAuc, 0.5, 'labels cannot be predicted');
  });
});
