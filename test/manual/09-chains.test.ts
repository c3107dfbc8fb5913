/**
 * Chapter 9. Chains.
 *
 * When one step reads what another writes, the two can run as a chain: in one task and one transaction. The topic between
 * them is still written, for its other readers. But the second step gets the records from memory, which saves
 * a round trip to the broker and one decoding.
 */
import assert from 'node:assert/strict';
import {
  emit,
  stage,
  startStreamApp,
  startStreamChain,
  type Input,
  type Output,
  type Processor,
} from '../../stream/index.ts';
import { json, workbench } from './workbench.ts';

interface Reading {
  readonly celsius: number;
}
interface Level {
  readonly isHot: boolean;
}
interface Run {
  readonly hotInARow: number;
}

const level: Processor<Input<'readings', Reading>, Output<'levels', Level>, undefined> = {
  step: {
    name: 'level',
    create: () => undefined,
    process: ({ input, key, timestamp }) =>
      emit({ to: 'levels', key, timestamp, value: { isHot: input.value.celsius > 80 } }),
  },
  inputs: { readings: { topic: 'readings', codec: json<Reading>(), role: 'stream' } },
  outputs: { levels: { topic: 'levels', codec: json<Level>() } },
};

const runs: Processor<Input<'levels', Level>, Output<'runs', Run>, { hot: number }> = {
  step: {
    name: 'runs',
    create: () => ({ hot: 0 }),
    process({ input, key, timestamp }, state) {
      state.hot = input.value.isHot ? state.hot + 1 : 0;
      return emit({ to: 'runs', key, timestamp, value: { hotInARow: state.hot } });
    },
  },
  inputs: { levels: { topic: 'levels', codec: json<Level>(), role: 'stream' } },
  outputs: { runs: { topic: 'runs', codec: json<Run>() } },
  state: { codec: json<{ hot: number }>(), changelog: 'log' },
};

const topics = ['readings', 'levels', 'runs', 'log', 'dead-letters'];
const hot = ['pump-1', { celsius: 95 }] as const;

describe('manual 9: chains', () => {
  const options = { application: 'manual', deadLetterTopic: 'dead-letters' };

  it('run steps in one transaction, and write the topic between them as well', async () => {
    const { transport, send, read, holds, processed, run, close } = workbench(topics);
    run(startStreamChain([stage(level), stage(runs)], { transport, ...options }));
    await send('readings', [hot, hot]);
    assert.deepEqual(
      (await holds('runs', 2)).map(({ value }) => value),
      [{ hotInARow: 1 }, { hotInARow: 2 }],
    );
    assert.equal((await read('levels')).length, 2);
    // Each step's progress is committed in its own group, also on the topic between the steps.
    await processed('manual-level', 'readings');
    await processed('manual-runs', 'levels');
    await close();
  });

  it('can be separated and joined again, because the groups stay the same', async () => {
    const { transport, send, holds, run, close } = workbench(topics);
    const chain = run(startStreamChain([stage(level), stage(runs)], { transport, ...options }));
    await send('readings', [hot]);
    await holds('runs', 1);
    await chain.stop();

    const first = run(startStreamApp(level, { transport, ...options }));
    const second = run(startStreamApp(runs, { transport, ...options }));
    await send('readings', [hot]);
    assert.deepEqual((await holds('runs', 2))[1]?.value, { hotInARow: 2 });
    await Promise.all([first.stop(), second.stop()]);

    run(startStreamChain([stage(level), stage(runs)], { transport, ...options }));
    await send('readings', [hot]);
    assert.deepEqual((await holds('runs', 3))[2]?.value, { hotInARow: 3 });
    await close();
  });

  it('must fit together', () => {
    const { transport } = workbench(topics);
    assert.throws(
      () => startStreamChain([stage(runs), stage(level)], { transport, ...options }),
      /level cannot follow runs in a chain/,
    );
  });
});
