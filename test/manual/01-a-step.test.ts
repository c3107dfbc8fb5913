/**
 * Chapter 1. A step.
 *
 * A step is a function. It gets one record and returns an outcome: records to write, nothing, or a refusal. It does not
 * read a clock, send anything or touch a file. That makes it easy to test, and safe to run again after a crash.
 */
import assert from 'node:assert/strict';
import {
  drop,
  emit,
  startStreamApp,
  type Input,
  type Output,
  type Processor,
  type Step,
} from '../../stream/index.ts';
import { json, workbench } from './workbench.ts';

interface Reading {
  readonly celsius: number | null;
}
interface Converted {
  readonly fahrenheit: number;
}

/** The types name the input and the output, and say what values they carry. This step needs no state. */
const convert: Step<Input<'readings', Reading>, Output<'converted', Converted>, undefined> = {
  name: 'convert',
  create: () => undefined,
  process({ input, key, timestamp }) {
    const { celsius } = input.value;
    // `drop` leaves a record out on purpose. The reason is counted, so choose from a small set of words.
    if (celsius === null) return drop('NO_VALUE');
    // `emit` writes. The output's timestamp is the input's: when the step runs does not matter.
    return emit({ to: 'converted', key, timestamp, value: { fahrenheit: 32 + 1.8 * celsius } });
  },
};

/** A processor connects the step to topics: it names the topics of inputs and outputs, and how bytes become values. */
const processor: Processor<Input<'readings', Reading>, Output<'converted', Converted>, undefined> = {
  step: convert,
  inputs: { readings: { topic: 'readings', codec: json<Reading>(), role: 'stream' } },
  outputs: { converted: { topic: 'converted', codec: json<Converted>() } },
};

describe('manual 1: a step', () => {
  it('can be called like any function', () => {
    const place = { topic: 'readings', partition: 0, offset: 0, headers: undefined };
    const record = {
      input: { from: 'readings', value: { celsius: 20 } },
      key: 'pump-1',
      timestamp: 7,
      ...place,
    } as const;
    assert.deepEqual(convert.process(record, undefined, undefined), {
      kind: 'emit',
      records: [{ to: 'converted', key: 'pump-1', timestamp: 7, value: { fahrenheit: 68 } }],
    });
  });

  it('runs as a member of a consumer group', async () => {
    const { transport, send, holds, run, close } = workbench(['readings', 'converted', 'dead-letters']);

    // On Kafka only the transport differs: new KafkaTransport({ brokers, clientId }).
    const app = run(
      startStreamApp(processor, { transport, application: 'manual', deadLetterTopic: 'dead-letters' }),
    );
    await send('readings', [
      ['pump-1', { celsius: 20 }],
      ['pump-1', { celsius: null }],
      ['pump-2', { celsius: 100 }],
    ]);

    const converted = await holds('converted', 2);
    assert.deepEqual(
      converted.map(({ key, value, timestamp }) => [key, value, timestamp]),
      [
        ['pump-1', { fahrenheit: 68 }, 0],
        ['pump-2', { fahrenheit: 212 }, 2],
      ],
    );

    // The group is named after the application and the step.
    assert.equal(app.status().group, 'manual-convert');
    assert.equal(app.status().state, 'running');
    await close();
    assert.equal(app.status().state, 'stopped');
  });
});
