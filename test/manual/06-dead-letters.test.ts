/**
 * Chapter 6. Dead letters, and how to replay them.
 *
 * A record that cannot be processed must not stop the others, and must not be lost. It goes to the dead-letter topic with
 * its original bytes, and with headers that say where it came from and why. When the cause is fixed, it is replayed.
 */
import assert from 'node:assert/strict';
import {
  deadLetter,
  deadLetterHeaders,
  emit,
  replayDeadLetters,
  startStreamApp,
  type Input,
  type Output,
  type Processor,
  type StreamApp,
} from '../../stream/index.ts';
import { json, workbench, type Workbench } from './workbench.ts';

interface Reading {
  readonly celsius: number;
}

/** @param known keys that the step accepts */
const checking = (
  known: readonly string[],
): Processor<Input<'readings', Reading>, Output<'checked', Reading>, undefined> => ({
  step: {
    name: 'check',
    create: () => undefined,
    process({ input, key, timestamp }) {
      if (!known.includes(key)) return deadLetter('unknown-pump', `${key} is not in the plant`);
      if (input.value.celsius < -273) throw new Error('colder than cold');
      return emit({ to: 'checked', key, timestamp, value: input.value });
    },
  },
  inputs: { readings: { topic: 'readings', codec: json<Reading>(), role: 'stream' } },
  outputs: { checked: { topic: 'checked', codec: json<Reading>() } },
});

const start = ({ transport, run }: Workbench, known: readonly string[]): StreamApp =>
  run(startStreamApp(checking(known), { transport, application: 'manual', deadLetterTopic: 'dead-letters' }));

describe('manual 6: dead letters', () => {
  let bench: Workbench;
  beforeEach(() => {
    bench = workbench(['readings', 'checked', 'dead-letters']);
  });
  afterEach(() => bench.close());

  it('keep records that cannot be decoded, that the step refuses, or on which it throws', async () => {
    start(bench, ['pump-1']);
    await bench.send('readings', [
      ['pump-1', Buffer.from('{broken')],
      ['pump-9', { celsius: 20 }],
      // Throwing is a bug. The task starts again from what is committed, and then leaves this record out.
      ['pump-1', { celsius: -300 }],
      ['pump-1', { celsius: 20 }],
    ]);
    assert.equal((await bench.holds('checked', 1)).length, 1);

    const letters = await bench.holds('dead-letters', 3);
    assert.deepEqual(letters.map(({ headers }) => headers[deadLetterHeaders.reason]).sort(), [
      'step-failed',
      'undecodable',
      'unknown-pump',
    ]);
    const refused = letters.find(({ key }) => key === 'pump-9');
    assert.deepEqual(refused?.value, { celsius: 20 });
    assert.equal(refused.headers[deadLetterHeaders.detail], 'pump-9 is not in the plant');
    assert.equal(refused.headers[deadLetterHeaders.topic], 'readings');
    assert.equal(refused.headers[deadLetterHeaders.offset], '1');
    assert.equal(refused.headers[deadLetterHeaders.step], 'check');
  });

  it('are sent back to where they came from, once', async () => {
    const before = start(bench, []);
    await bench.send('readings', [['pump-2', { celsius: 30 }]]);
    await bench.holds('dead-letters', 1);
    await before.stop();

    // A new version of the step knows pump 2.
    start(bench, ['pump-2']);
    const replay = () =>
      replayDeadLetters({
        transport: bench.transport,
        deadLetterTopic: 'dead-letters',
        group: 'manual-replay',
      });
    assert.equal((await replay()).replayed, 1);
    const [checked] = await bench.holds('checked', 1);
    assert.deepEqual(checked?.value, { celsius: 30 });
    // The group's offsets record what was replayed.
    assert.equal((await replay()).replayed, 0);
  });
});
