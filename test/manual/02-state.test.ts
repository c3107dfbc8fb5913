/**
 * Chapter 2. State.
 *
 * A step may remember something for each key. It changes the state in place. The runtime writes the state to a compacted
 * topic, the changelog, in the same transaction as the outputs and the input's position. So the three always agree.
 */
import assert from 'node:assert/strict';
import {
  emit,
  partKey,
  startStreamApp,
  type Input,
  type Output,
  type PartedCodec,
  type Step,
} from '../../stream/index.ts';
import { json, workbench } from './workbench.ts';

interface Reading {
  readonly celsius: number;
}
interface Highest {
  readonly highest: number;
}
interface HighestState {
  highest: number;
}

const highest: Step<Input<'readings', Reading>, Output<'highest', Highest>, HighestState> = {
  name: 'highest',
  // The state of a key that has not been seen before.
  create: () => ({ highest: -Infinity }),
  process({ input, key, timestamp }, state) {
    state.highest = Math.max(state.highest, input.value.celsius);
    return emit({ to: 'highest', key, timestamp, value: { highest: state.highest } });
  },
};

describe('manual 2: state', () => {
  const options = { application: 'manual', deadLetterTopic: 'dead-letters' };
  const topics = ['readings', 'highest', 'highest-changelog', 'dead-letters'];

  it('is kept for each key, and written to the changelog once per key and batch', async () => {
    const { transport, send, read, holds, run, close } = workbench(topics);
    // Sent before the app starts, so that all three come in one batch.
    await send('readings', [
      ['pump-1', { celsius: 60 }],
      ['pump-2', { celsius: 90 }],
      ['pump-1', { celsius: 50 }],
    ]);

    run(
      startStreamApp(
        {
          step: highest,
          inputs: { readings: { topic: 'readings', codec: json<Reading>(), role: 'stream' } },
          outputs: { highest: { topic: 'highest', codec: json<Highest>() } },
          state: { codec: json<HighestState>(), changelog: 'highest-changelog' },
        },
        { transport, ...options },
      ),
    );
    const found = await holds('highest', 3);
    assert.deepEqual(
      found.map(({ key, value }) => [key, value]),
      [
        ['pump-1', { highest: 60 }],
        ['pump-2', { highest: 90 }],
        ['pump-1', { highest: 60 }],
      ],
    );

    // Two keys, two records: pump-1 was read twice and written once.
    const changelog = await read('highest-changelog');
    assert.deepEqual(
      changelog.map(({ key, value }) => [key, value]),
      [
        ['pump-1', { highest: 60 }],
        ['pump-2', { highest: 90 }],
      ],
    );
    await close();
  });

  it('can be written in parts, when it is large and a record changes little of it', async () => {
    interface Recent {
      next: number;
      readonly values: number[];
      readonly changed: Set<number>;
    }
    const length = 100;
    /** The last hundred values. A record changes one of them. */
    const recent: Step<Input<'readings', Reading>, Output<'highest', Highest>, Recent> = {
      name: 'recent',
      create: () => ({ next: 0, values: [], changed: new Set() }),
      process({ input, key, timestamp }, state) {
        const slot = state.next++ % length;
        state.values[slot] = input.value.celsius;
        state.changed.add(slot);
        return emit({ to: 'highest', key, timestamp, value: { highest: Math.max(...state.values) } });
      },
    };
    /** A part needs a name that repeats, such as its slot. Then compaction keeps the changelog short. */
    const codec: PartedCodec<Recent> = {
      changes({ next, values, changed }, put) {
        for (const slot of changed) put(String(slot), Buffer.from(String(values[slot])));
        changed.clear();
        put('next', Buffer.from(String(next)));
      },
      restore(parts) {
        const state: Recent = { next: Number(parts.get('next')), values: [], changed: new Set() };
        for (const [part, bytes] of parts) if (part !== 'next') state.values[Number(part)] = Number(bytes);
        return { state, obsolete: [] };
      },
    };

    const { transport, send, read, holds, run, close } = workbench(topics);
    run(
      startStreamApp(
        {
          step: recent,
          inputs: { readings: { topic: 'readings', codec: json<Reading>(), role: 'stream' } },
          outputs: { highest: { topic: 'highest', codec: json<Highest>() } },
          state: { codec, changelog: 'highest-changelog' },
        },
        { transport, ...options },
      ),
    );
    await send('readings', [['pump-1', { celsius: 60 }]]);
    await holds('highest', 1);
    // The changelog's key is the record's key and the part's name.
    assert.deepEqual(
      (await read('highest-changelog')).map(({ key, value }) => [key, value]),
      [
        [partKey('pump-1', '0'), 60],
        [partKey('pump-1', 'next'), 1],
      ],
    );
    await close();
  });
});
