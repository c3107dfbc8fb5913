import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { prometheusName } from '../../schemas/generate/pages.ts';
import { startMetrics, type Metrics } from '../../telemetry/metrics.ts';
import {
  maximumAttributeValues,
  metricsCatalogue,
  type MetricEntry,
} from '../../telemetry/metrics-catalogue.ts';
import { streamObserver } from '../../telemetry/stream-observer.ts';

/** The samples of an exposition: `name{labels}` to value. */
const samples = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
  );

/** Puts 1 into every instrument of the catalogue, whatever its kind. */
function touchAll(metrics: Metrics): void {
  for (const [id, entry] of Object.entries<MetricEntry>(metricsCatalogue)) {
    const attributes = Object.fromEntries(
      Object.entries(entry.attributes).map(([name, values]) => [
        name,
        typeof values === 'string' ? 'x' : (values[0] ?? ''),
      ]),
    );
    const instrument = metrics[id as keyof typeof metricsCatalogue] as unknown as Record<
      string,
      (...args: unknown[]) => void
    >;
    for (const method of ['add', 'set', 'record']) instrument[method]?.(1, attributes);
  }
}

describe('telemetry/metrics', function () {
  this.timeout(10_000);
  let metrics: Metrics;
  beforeEach(() => {
    metrics = startMetrics('test', {});
  });
  afterEach(() => metrics.stop());

  it('shows every metric of the catalogue under the name that the docs give', async () => {
    touchAll(metrics);
    const names = new Set(
      [...samples(await metrics.text()).keys()].map((sample) => sample.replace(/\{.*/, '')),
    );
    for (const entry of Object.values<MetricEntry>(metricsCatalogue)) {
      const name = prometheusName(entry);
      assert.ok(names.has(entry.kind === 'histogram' ? `${name}_count` : name), name);
    }
  });

  it('follows one template: names in dots, a unit, a sentence, no name twice', () => {
    const entries = Object.values<MetricEntry>(metricsCatalogue);
    for (const { name, unit, description, kind, buckets } of entries) {
      assert.match(name, /^castwatch(\.[a-z_]+)+$/);
      assert.match(unit, /^(s|By|1|\{[a-z]+\})$/, name);
      assert.match(description, /^[A-Z0-9].*[.]$/, name);
      assert.equal(buckets !== undefined, kind === 'histogram', name);
    }
    assert.equal(new Set(entries.map(({ name }) => name)).size, entries.length);
  });

  it('counts, sets and sorts into buckets', async () => {
    metrics.recordsDropped.add(2, { step: 'a', reason: 'b' });
    metrics.recordsDropped.add(3, { step: 'a', reason: 'b' });
    metrics.gatewayClients.set(7);
    metrics.gatewayClients.set(4);
    metrics.batchDuration.record(0.02, { step: 'a' });
    const read = samples(await metrics.text());
    assert.equal(read.get('castwatch_stream_record_dropped_total{step="a",reason="b"}'), 5);
    assert.equal(read.get('castwatch_gateway_client_count'), 4);
    assert.equal(read.get('castwatch_stream_batch_duration_bucket{step="a",le="0.01"}'), 0);
    assert.equal(read.get('castwatch_stream_batch_duration_bucket{step="a",le="0.025"}'), 1);
  });

  it('bounds what a bounded attribute can hold, and loses no count', async () => {
    for (let index = 0; index < 3 * maximumAttributeValues; index++) {
      metrics.recordsDropped.add(1, { step: 'a', reason: `r${index}` });
    }
    metrics.recordsDropped.add(1, { step: 'a', reason: 'r0' });
    const dropped = [...samples(await metrics.text())].filter(([name]) =>
      name.startsWith('castwatch_stream_record_dropped'),
    );
    assert.equal(dropped.length, maximumAttributeValues + 1);
    assert.equal(
      dropped.reduce((sum, [, count]) => sum + count, 0),
      3 * maximumAttributeValues + 1,
    );
    assert.equal(
      samples(await metrics.text()).get('castwatch_stream_record_dropped_total{step="a",reason="r0"}'),
      2,
    );
  });

  it('tells the memory of the process', async () => {
    const resident = samples(await metrics.text()).get('castwatch_process_memory{kind="resident"}');
    assert.ok(resident !== undefined && resident > 1e7);
  });

  it('takes no metric and no attribute that is not declared', () => {
    // @ts-expect-error the compiler refuses it
    assert.equal(metrics.undeclared, undefined);
    // @ts-expect-error the compiler refuses it
    metrics.gatewayClients.set(1, { room: 'alerts' });
  });

  it('does not wait for a collector that is away', async () => {
    const pushing = startMetrics('test', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    pushing.gatewayClients.set(1);
    await pushing.stop();
  });

  it('pushes by OTLP to the endpoint of the environment', async () => {
    const received: string[] = [];
    const server = createServer((request, response) => {
      received.push(request.url ?? '');
      request.resume().on('end', () => response.writeHead(200).end('{}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const pushing = startMetrics('test', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
      pushing.gatewayClients.set(1);
      await pushing.stop();
      assert.deepEqual(received, ['/v1/metrics']);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('telemetry/stream-observer', () => {
  it('turns what the runtime reports into metrics', async () => {
    const metrics = startMetrics('test', {});
    const observer = streamObserver(metrics, () => 10_000);
    observer.batch({
      step: 's',
      partition: 1,
      records: 10,
      emitted: 8,
      deadLettered: 1,
      durationMs: 20,
      oldestTimestamp: 4_000,
    });
    observer.reasons('s', 'drop', undefined, 'old', 1);
    observer.reasons('s', 'dead-letter', undefined, 'undecodable', 1);
    observer.reasons('s', 'output', 'rejected', 'RANGE', 3);
    observer.reasons('s', 'evict', undefined, 'SOURCE', 2);
    observer.transaction('s', 1, 'committed', 5);
    observer.transaction('s', 1, 'aborted', 5);
    observer.taskState('s', 0, 'restoring');
    observer.taskState('s', 1, 'restoring');
    observer.taskState('s', 0, 'running');
    observer.restored('s', 1, 4, 4_096, 30);
    observer.buffered('s', 1, 17);
    const read = samples(await metrics.text());
    const expected = {
      'record_consumed_total{step="s"}': 10,
      'record_emitted_total{step="s"}': 8,
      'record_dropped_total{step="s",reason="old"}': 1,
      'record_dead_lettered_total{step="s",reason="undecodable"}': 1,
      'record_routed_total{step="s",output="rejected",reason="RANGE"}': 3,
      'state_evicted_total{step="s",reason="SOURCE"}': 2,
      'batch_size_sum{step="s"}': 10,
      'batch_duration_sum{step="s"}': 0.02,
      'transaction_duration_count{step="s",outcome="committed"}': 1,
      'transaction_duration_count{step="s",outcome="aborted"}': 1,
      'task_count{step="s",state="restoring"}': 1,
      'task_count{step="s",state="running"}': 1,
      'task_count{step="s",state="halted"}': 0,
      'restore_size_total{step="s"}': 4_096,
      'restore_duration_sum{step="s"}': 0.03,
      'lag_time{step="s",partition="1"}': 6,
      'buffer_record{step="s",partition="1"}': 17,
    };
    for (const [name, value] of Object.entries(expected))
      assert.equal(read.get(`castwatch_stream_${name}`), value, name);
    observer.taskState('s', 0, 'closed');
    observer.taskState('s', 1, 'closed');
    const after = samples(await metrics.text());
    assert.equal(after.get('castwatch_stream_task_count{step="s",state="running"}'), 0);
    await metrics.stop();
  });
});
