/** One trace across two processors on the runtime: what "followable from reading to alert" rests on. */
import assert from 'node:assert/strict';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-node';
import {
  startStreamApp,
  MemoryBroker,
  MemoryTransport,
  emit,
  type Codec,
  type Processor,
} from '../../stream/index.ts';
import { startTracing, traceHeaders, type Tracing } from '../../telemetry/tracing.ts';
import { waitFor } from '../support/wait.ts';

type In = { readonly from: 'in'; readonly value: number };
type Out = { readonly to: 'out'; readonly key: string; readonly value: number; readonly timestamp: number };

const numbers: Codec<number> = {
  encode: (value) => Buffer.from(String(value)),
  decode: (bytes) => Number(bytes.toString()),
};

const addOne = (tracing: Tracing, name: string, from: string, to: string): Processor<In, Out, object> => ({
  step: tracing.step({
    name,
    create: () => ({}),
    process: ({ input, key, timestamp }) => emit({ to: 'out', key, value: input.value + 1, timestamp }),
  }),
  inputs: { in: { topic: from, codec: numbers, role: 'stream' } },
  outputs: { out: { topic: to, codec: numbers, headers: { ce_source: `/test/${name}` } } },
});

class Kept extends InMemorySpanExporter {
  override shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

describe('telemetry: a trace through the stream', () => {
  it('goes from the publication to the last topic, under one id', async () => {
    const exporter = new Kept();
    const tracing = startTracing('test', { env: { OTEL_TRACES_SAMPLER_ARG: '1' }, exporter });
    const broker = new MemoryBroker();
    for (const name of ['a', 'b', 'c', 'dead']) broker.createTopic(name, 1);
    const transport = new MemoryTransport(broker);
    const options = { transport, application: 'test', deadLetterTopic: 'dead', carryHeaders: traceHeaders };
    const apps = [
      startStreamApp(addOne(tracing, 'first', 'a', 'b'), options),
      startStreamApp(addOne(tracing, 'second', 'b', 'c'), options),
    ];
    const sampled = tracing.publishHeaders('a', 'k');
    assert.ok(sampled !== undefined);
    const producer = await transport.producer();
    await producer.send([
      { topic: 'a', key: 'k', value: numbers.encode(1), timestamp: 1, headers: sampled },
      { topic: 'a', key: 'k', value: numbers.encode(5), timestamp: 2 },
    ]);
    const arrived: {
      readonly value: number;
      readonly traceparent: string | undefined;
      readonly source: string | undefined;
    }[] = [];
    await waitFor(async () => {
      arrived.length = 0;
      await transport.read({ topic: 'c', partition: 0 }, (records) => {
        for (const { value, headers } of records) {
          arrived.push({
            value: numbers.decode(value ?? Buffer.of()),
            traceparent: headers?.['traceparent']?.toString(),
            source: headers?.['ce_source']?.toString(),
          });
        }
      });
      return arrived.length === 2;
    }, 'both records');
    await Promise.all(apps.map((app) => app.stop()));
    await tracing.stop();
    assert.deepEqual(arrived, [
      { value: 3, traceparent: sampled.traceparent, source: '/test/second' },
      { value: 7, traceparent: undefined, source: '/test/second' },
    ]);
    const spans = exporter.getFinishedSpans();
    assert.deepEqual(
      spans.map(({ name }) => name),
      ['publish a', 'first a', 'second b'],
    );
    assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
  });
});
