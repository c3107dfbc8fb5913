/** What the documents say that a running product reports, seen from outside: `/metrics` of each role, and a collector. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SupervisedRole } from '../../cli/start/supervisor.ts';
import type { QualityLabel, MesEvent } from '../../schemas/generated/types.ts';
import { prometheusName } from '../../schemas/generate/pages.ts';
import type { ProducerRecord } from '../../stream/index.ts';
import { metricsCatalogue, type MetricEntry } from '../../telemetry/metrics-catalogue.ts';
import { connect, type Client } from '../gateway/live/clients.ts';
import { startCollector, type CollectedSpan, type Collector } from '../support/collector.ts';
import { startPipeline, type Pipeline } from '../support/pipeline.ts';
import { waitFor } from '../support/wait.ts';

const definition = 'processes/casting.yaml';
const assets = ['S1', 'S2'].map((cell) => `Castwatch/Works1/SteelPlant/Caster1/${cell}`);
const [asset = ''] = assets;
const start = Date.parse('2026-01-05T00:00:00Z');
const patience = 90_000;

describe('telemetry of a running pipeline', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-telemetry-'));
  let collector: Collector;
  let pipeline: Pipeline;
  let gatewayUrl: string;
  let client: Client;
  const roles: SupervisedRole[] = [];

  const role = async (name: string, ...args: string[]): Promise<string | undefined> => {
    const started = await pipeline.role(name, ...args);
    roles.push(started);
    return started.ready;
  };

  before(async () => {
    collector = await startCollector();
    pipeline = await startPipeline({
      process: definition,
      env: {
        HEALTH_PORT: '0',
        CASTWATCH_DATA_DIR: folder,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url,
        OTEL_TRACES_SAMPLER_ARG: '0.5',
      },
    });
    await Promise.all([
      role('process', 'process', '--process', definition),
      role('sink', 'sink'),
      role('gateway', 'gateway', '--process', definition).then((url) => (gatewayUrl = url ?? '')),
    ]);
    client = connect(gatewayUrl);
    await client.join(assets);
    await role(
      'source',
      ...['source', 'simulator', '--process', definition, '--speed', '60', '--faults', 'all'],
      ...['--start-time', new Date(start).toISOString()],
    );
  });
  after(async () => {
    client.close();
    await pipeline.stop();
    collector.stop();
    rmSync(folder, { recursive: true });
  });

  it('records every metric of the catalogue, with its kind, and no others', async () => {
    await Promise.all([
      ...[provokeLetters(), provokeEvictions(), provokeSlowClients(), postReadings()],
      ...[startFileWithMistake(), startLiveSource()],
    ]);
    // Another member takes partitions over, and with them their states.
    await waitFor(
      async () => (await kinds()).has('castwatch_prediction_count_total'),
      'predictions',
      patience,
    );
    await role('process-2', 'process', '--process', definition);
    const expected = new Map(
      Object.values<MetricEntry>(metricsCatalogue).map((entry) => [prometheusName(entry), entry.kind]),
    );
    let missing: readonly string[] = [];
    await waitFor(
      async () => {
        const found = await kinds();
        missing = [...expected.keys()].filter((name) => !found.has(name));
        return missing.length === 0;
      },
      'all metrics',
      patience,
    ).catch(() => undefined);
    assert.deepEqual(missing, [], 'declared and not recorded');
    const ours = [...(await kinds())].filter(([name]) => name.startsWith('castwatch_'));
    assert.deepEqual(new Map(ours.sort()), new Map([...expected].sort()));
  });

  it('follows one reading to its rows and to the message on the socket', async () => {
    const { topics, transport, serde } = pipeline.kafka;
    const wanted = [
      `publish ${topics.sensorReadings}`,
      `validate ${topics.sensorReadings}`,
      `store ${topics.validatedReadings}`,
      `features ${topics.validatedReadings}`,
      `predict ${topics.features}`,
      `store ${topics.predictions}`,
      `emit ${topics.predictions}`,
    ];
    const spans = await waitFor(() => wholeTrace(collector.spans, wanted), 'a whole trace', patience);
    const named = (name: string): CollectedSpan => {
      const span = spans.find((each) => each.name === name && isOurs(each));
      assert.ok(span, name);
      return span;
    };
    const isOurs = ({ attributes }: CollectedSpan): boolean =>
      attributes['castwatch.client'] === undefined || attributes['castwatch.client'] === client.socket.id;
    const published = named(wanted[0] ?? '');
    assert.deepEqual(
      wanted.map((name) => named(name).service.replace('castwatch-', '')),
      ['source', 'process', 'sink', 'process', 'process', 'sink', 'gateway'],
    );
    for (const name of wanted.slice(1)) assert.equal(named(name).parentSpanId, published.spanId, name);

    const stored = named(`store ${topics.predictions}`);
    assert.equal(stored.attributes['db.collection.name'], 'predictions');
    const partition = Number(stored.attributes['messaging.destination.partition.id']);
    const offset = Number(stored.attributes['messaging.kafka.offset']);
    assert.equal(named(`emit ${topics.predictions}`).attributes['messaging.kafka.offset'], offset);

    const found: { asset: string; eventTime: number; traceparent: string | undefined }[] = [];
    await transport.read({ topic: topics.predictions, partition }, (records) => {
      for (const record of records) {
        if (record.offset !== offset || record.value === null) continue;
        const value = serde.codec('predictions').decode(record.value);
        found.push({ ...value, traceparent: record.headers?.['traceparent']?.toString() });
      }
    });
    const [prediction] = found;
    assert.ok(prediction);
    assert.equal(prediction.traceparent, `00-${published.traceId}-${published.spanId}-01`);
    const { rowCount } = await pipeline.pool.query(
      'SELECT FROM castwatch.predictions WHERE asset = $1 AND event_time = to_timestamp($2 / 1000.0)',
      [prediction.asset, prediction.eventTime],
    );
    assert.equal(rowCount, 1);
    const sent = client.frames.flatMap(({ predictions }) => predictions);
    assert.ok(
      sent.some((each) => each.asset === prediction.asset && each.eventTime === prediction.eventTime),
      'the client has the message',
    );
  });

  /** By the name in Prometheus, of all roles. */
  async function kinds(): Promise<Map<string, string>> {
    const urls = [gatewayUrl, ...roles.flatMap((each) => each.healthUrl() ?? [])];
    const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
    const found = new Map<string, string>();
    for (const text of texts) {
      const samples = new Set(text.split('\n').map((line) => line.replace(/[{ ].*/, '')));
      for (const [, name = '', kind = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm))
        if (samples.has(kind === 'histogram' ? `${name}_count` : name)) found.set(name, kind);
    }
    return found;
  }

  async function send(records: readonly ProducerRecord[]): Promise<void> {
    const producer = await pipeline.kafka.transport.producer();
    await producer.send(records);
    await producer.close();
  }

  /** What no step can decode, what a step drops, and what the database refuses. */
  async function provokeLetters(): Promise<void> {
    const { topics, serde } = pipeline.kafka;
    await pipeline.pool.query(
      `ALTER TABLE castwatch.mes_events ADD CONSTRAINT no_such CHECK (source <> 'refused')`,
    );
    const junk = Buffer.from('junk');
    const label: QualityLabel = {
      ...{ asset, eventTime: start, until: start + 1_000, target: 'another-target', piece: {} },
      ...{ value: 1, defect: null, source: 'test', foundAt: start + 2_000 },
    };
    const mesEvent = (nth: number): MesEvent => ({
      ...{ asset, eventTime: start + nth, sequence: nth, type: 'STARTED', level: 'heat' },
      // A string of fixed length.
      ...{ id: `H${nth}\0\0`, properties: {}, source: nth === 7 ? 'refused' : 'test' },
    });
    await send([
      { topic: topics.sensorReadings, key: asset, value: junk },
      { topic: topics.alerts, key: asset, value: junk },
      { topic: topics.qualityLabels, key: asset, value: serde.codec('qualityLabels').encode(label) },
      ...Array.from({ length: 20 }, (_, nth) => ({
        topic: topics.mesEvents,
        key: asset,
        value: serde.codec('mesEvents').encode(mesEvent(nth)),
      })),
    ]);
  }

  /** An asset has more sources than validation remembers. */
  async function provokeEvictions(): Promise<void> {
    const { topics, serde } = pipeline.kafka;
    const reading = (nth: number) => ({
      ...{ asset, eventTime: start, sequence: 1, source: `session-${nth}`, measurements: [] },
    });
    await send(
      Array.from({ length: 40 }, (_, nth) => ({
        topic: topics.sensorReadings,
        key: asset,
        value: serde.codec('sensorReadings').encode(reading(nth)),
      })),
    );
  }

  /** One client never acknowledges; another does so after it has missed a good deal. */
  async function provokeSlowClients(): Promise<void> {
    const dead = connect(gatewayUrl, { acknowledge: false });
    await dead.join(assets);
    const slow = connect(gatewayUrl, { acknowledge: false });
    const waiting: (() => void)[] = [];
    slow.socket.on('frame', (_frame, done) => waiting.push(done));
    await slow.join(assets);
    await waitFor(() => waiting.length > 0, 'a frame');
    const before = client.scans().length;
    await waitFor(() => client.scans().length > before + 200, 'many scans', patience);
    for (const done of waiting) done();
    const gone = Promise.withResolvers<undefined>();
    dead.socket.once('disconnect', () => {
      gone.resolve(undefined);
    });
    await gone.promise;
    dead.close();
    slow.close();
  }

  async function postReadings(): Promise<void> {
    const reading = {
      ...{ asset, eventTime: new Date(start).toISOString(), sequence: 1, source: 'by-hand' },
      measurements: [{ tag: 'Mould/Level', value: 101.2 }],
    };
    for (const body of [reading, { ...reading, asset: 'nowhere' }]) {
      await fetch(`${gatewayUrl}/v1/readings`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    }
  }

  /** It has received nothing yet, and says for how long. */
  async function startLiveSource(): Promise<void> {
    const file = join(folder, 'appended.jsonl');
    writeFileSync(file, '');
    await role('live', 'source', 'tail', '--process', definition, '--file', file);
  }

  /** At plant speed, so that it lasts. */
  async function startFileWithMistake(): Promise<void> {
    const file = join(folder, 'rig.csv');
    const columns =
      'datetime;Accelerometer1RMS;Accelerometer2RMS;Current;Pressure;Temperature;Thermocouple;Voltage;Volume Flow RateRMS;anomaly;changepoint';
    const row = (nth: number): string => {
      const time = new Date(start + nth * 1_000).toISOString().slice(0, 19).replace('T', ' ');
      return `${time};0.2;0.2;1.1;0.1;80;28;230;${30 + (nth % 3)};0;0`;
    };
    const rows = Array.from({ length: 300 }, (_, nth) => row(nth));
    writeFileSync(file, [columns, rows[0], 'no time;1;2', ...rows.slice(1)].join('\n'));
    await role('file', 'source', 'csv', '--process', 'processes/pump-rig.yaml', '--file', file);
    // only a live source has a state; this one waits for a file that is not there
    const followed = join(folder, 'readings.ndjson');
    await role('tail', 'source', 'tail', '--process', definition, '--file', followed);
  }
});

/** The spans of a trace that has all of these names. */
function wholeTrace(spans: readonly CollectedSpan[], names: readonly string[]): CollectedSpan[] | undefined {
  for (const own of Map.groupBy(spans, ({ traceId }) => traceId).values())
    if (names.every((name) => own.some((span) => span.name === name))) return own;
  return undefined;
}
