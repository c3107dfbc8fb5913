import assert from 'node:assert/strict';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-node';
import { emit, type Headers, type Outcome, type Step, type StepRecord } from '../../stream/index.ts';
import { startTracing } from '../../telemetry/tracing.ts';

type In = { readonly from: 'in'; readonly value: number };
type Out = { readonly to: 'out'; readonly key: string; readonly value: number; readonly timestamp: number };

const step: Step<In, Out, object> = {
  name: 'double',
  create: () => ({}),
  process: ({ input, key, timestamp }): Outcome<Out> => {
    if (input.value < 0) return { kind: 'dead-letter', reason: 'negative', detail: '' };
    if (input.value > 99) throw new Error('too much');
    return emit({ to: 'out', key, value: 2 * input.value, timestamp });
  },
};

const record = (value: number, headers: Headers | undefined): StepRecord<In> => ({
  input: { from: 'in', value },
  key: 'k',
  timestamp: 0,
  topic: 't',
  partition: 1,
  offset: 7,
  headers,
});

const all = { OTEL_TRACES_SAMPLER_ARG: '1' };

/** Keeps what was exported when tracing stops, which resets the exporter. */
class Kept extends InMemorySpanExporter {
  override shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

describe('telemetry/tracing', () => {
  it('without an exporter leaves steps and records alone', () => {
    const tracing = startTracing('test', { env: all });
    assert.equal(tracing.enabled, false);
    assert.equal(tracing.step(step), step);
    assert.equal(tracing.publishHeaders('t', 'k'), undefined);
  });

  it('makes one trace from the publication through every step to the store', async () => {
    const exporter = new Kept();
    const tracing = startTracing('test', { env: all, exporter });
    const headers = tracing.publishHeaders('t', 'k');
    assert.match(headers?.traceparent ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    const traced = tracing.step(step);
    // The runtime hands headers on as Buffers.
    const carried = { traceparent: Buffer.from(headers?.traceparent ?? '') };
    assert.deepEqual(
      traced.process(record(4, carried), {}, undefined),
      step.process(record(4, carried), {}, undefined),
    );
    tracing.left({
      operation: 'store',
      topic: 'u',
      partition: 2,
      offset: 9,
      headers: carried,
      startedAt: Date.now() - 50,
      attributes: { 'db.collection.name': 'rows' },
    });
    tracing.left({ operation: 'store', topic: 'u', partition: 2, offset: 10, headers: undefined });
    await tracing.stop();
    const spans = exporter.getFinishedSpans();
    assert.deepEqual(
      spans.map(({ name }) => name),
      ['publish t', 'double t', 'store u'],
    );
    assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
    const [published, processed, stored] = spans;
    assert.ok(processed !== undefined);
    assert.equal(processed.parentSpanContext?.spanId, published?.spanContext().spanId);
    assert.equal(processed.attributes['castwatch.outcome'], 'out');
    assert.equal(processed.attributes['messaging.kafka.offset'], 7);
    assert.equal(stored?.attributes['messaging.kafka.offset'], 9);
    assert.equal(stored.attributes['db.collection.name'], 'rows');
    const [seconds, nanoseconds] = stored.duration;
    assert.ok(seconds > 0 || nanoseconds > 40e6, 'the span lasts from the beginning of the transaction');
    assert.equal(processed.resource.attributes['service.name'], 'castwatch-test');
  });

  it('tells of a dead letter and of a step that threw', async () => {
    const exporter = new Kept();
    const tracing = startTracing('test', { env: all, exporter });
    const headers = tracing.publishHeaders('t', 'k');
    const traced = tracing.step(step);
    traced.process(record(-1, headers), {}, undefined);
    assert.throws(() => traced.process(record(100, headers), {}, undefined), /too much/);
    await tracing.stop();
    const [, dead, failed] = exporter.getFinishedSpans();
    assert.equal(dead?.attributes['castwatch.reason'], 'negative');
    assert.equal(failed?.status.message, 'Error: too much');
  });

  it('leaves records alone that are not sampled or whose header is rubbish', async () => {
    const exporter = new Kept();
    const tracing = startTracing('test', { env: { OTEL_TRACES_SAMPLER_ARG: '0' }, exporter });
    assert.equal(tracing.publishHeaders('t', 'k'), undefined);
    const traced = tracing.step(step);
    const id = `${'a'.repeat(32)}-${'b'.repeat(16)}`;
    for (const traceparent of [`00-${id}-00`, 'rubbish', '', `00-${id}`])
      traced.process(record(1, { traceparent }), {}, undefined);
    traced.process(record(1, undefined), {}, undefined);
    assert.deepEqual(exporter.getFinishedSpans(), []);
    traced.process(record(1, { traceparent: `00-${id}-01` }), {}, undefined);
    await tracing.stop();
    assert.equal(exporter.getFinishedSpans().length, 1, 'but a producer that samples is followed');
  });

  it('keeps the batch work of a step that has it', async () => {
    const tracing = startTracing('test', { env: all, exporter: new Kept() });
    const batched: Step<In, Out, object, number> = {
      ...step,
      prepare: (batch) => Promise.resolve(batch.map(({ input }) => input.value + 1)),
      process: ({ key, timestamp }, _state, extra) => emit({ to: 'out', key, value: extra, timestamp }),
    };
    const traced = tracing.step(batched);
    assert.deepEqual(await traced.prepare?.([record(1, undefined), record(5, undefined)]), [2, 6]);
    assert.ok(!('prepare' in tracing.step(step)));
    await tracing.stop();
  });
});
