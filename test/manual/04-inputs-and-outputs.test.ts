/**
 * Chapter 4. Several inputs and outputs.
 *
 * A step may read several topics and write several. Records with the same key reach the same task, because all inputs have
 * the same number of partitions. The order between two stream inputs is not defined.
 */
import assert from 'node:assert/strict';
import { emit, startStreamApp, type Input, type Output, type Step } from '../../stream/index.ts';
import { json, workbench } from './workbench.ts';

interface Reading {
  readonly celsius: number;
}
interface Vibration {
  readonly millimetres: number;
}
interface Problem {
  readonly text: string;
}
interface Count {
  readonly records: number;
}

type In = Input<'readings', Reading> | Input<'vibrations', Vibration>;
type Out = Output<'problems', Problem> | Output<'counts', Count>;

const watch: Step<In, Out, { records: number }> = {
  name: 'watch',
  create: () => ({ records: 0 }),
  process({ input, key, timestamp }, state) {
    state.records += 1;
    const count = { to: 'counts', key, timestamp, value: { records: state.records } } as const;
    // `from` names the input; the compiler then knows the type of the value.
    const text =
      input.from === 'readings'
        ? input.value.celsius > 80 && 'hot'
        : input.value.millimetres > 2 && 'shaking';
    if (text === false) return emit(count);
    // `reason` is for outputs that an operator wants counted by reason.
    return emit<Out>(count, { to: 'problems', key, timestamp, value: { text }, reason: text });
  },
};

describe('manual 4: several inputs and outputs', () => {
  it('have names, and each has its own type', async () => {
    const topics = ['readings', 'vibrations', 'problems', 'counts', 'log', 'dead-letters'];
    const { transport, send, holds, run, close } = workbench(topics);
    const reasons: string[] = [];
    run(
      startStreamApp(
        {
          step: watch,
          inputs: {
            readings: { topic: 'readings', codec: json<Reading>(), role: 'stream' },
            vibrations: { topic: 'vibrations', codec: json<Vibration>(), role: 'stream' },
          },
          outputs: {
            // Headers that every record of this output gets.
            problems: { topic: 'problems', codec: json<Problem>(), headers: { made: 'watch' } },
            counts: { topic: 'counts', codec: json<Count>() },
          },
          state: { codec: json<{ records: number }>(), changelog: 'log' },
        },
        {
          transport,
          application: 'manual',
          deadLetterTopic: 'dead-letters',
          // The observer receives a report per batch. Metrics are made from it.
          observer: {
            reasons: (_step, kind, output, reason) => reasons.push(`${kind} ${output ?? ''} ${reason}`),
          },
        },
      ),
    );
    await send('readings', [['pump-1', { celsius: 95 }]]);
    await send('vibrations', [
      ['pump-1', { millimetres: 0.1 }],
      ['pump-1', { millimetres: 3 }],
    ]);

    const counts = await holds('counts', 3);
    assert.deepEqual(
      counts.map(({ value }) => value),
      [{ records: 1 }, { records: 2 }, { records: 3 }],
    );
    const problems = await holds('problems', 2);
    assert.deepEqual(problems.map(({ value }) => value).sort(), [{ text: 'hot' }, { text: 'shaking' }]);
    assert.deepEqual(problems[0]?.headers, { made: 'watch' });
    assert.deepEqual(reasons.sort(), ['output problems hot', 'output problems shaking']);
    await close();
  });
});
