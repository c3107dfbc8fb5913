/** A member that sends heartbeats and does not get on: its status says so, and says it of no other. */
import assert from 'node:assert/strict';
import { until } from '../../base/retry.ts';
import { startStreamApp, type StreamApp } from '../../stream/index.ts';
import { countProcessor, countStep, createCountTopics, sendItems, type Rig } from './harness.ts';

export function stallContract(rig: () => Rig): void {
  it('is told while nothing is committed and records come, and is over with the next commit', async () => {
    const topics = await createCountTopics(rig(), 2);
    const keys = ['key-0', 'key-1', 'key-2', 'key-3'];
    const hung = Promise.withResolvers<undefined>();
    const reached = Promise.withResolvers<number>();
    const step: typeof countStep = {
      ...countStep,
      async prepare(batch) {
        const [first] = batch;
        if (batch.some(({ key, input }) => key === 'key-0' && input.from === 'items' && input.value.n > 1)) {
          reached.resolve(first?.partition ?? -1);
          await hung.promise;
        }
        return batch.map(() => undefined);
      },
    };
    const app: StreamApp = startStreamApp(countProcessor(topics, step), {
      transport: rig().transport,
      application: topics.application,
      deadLetterTopic: topics.deadLetters,
      lookEvery: 100,
    });
    let n = 0;
    const send = (): Promise<void> => sendItems(rig(), topics.items, keys, ++n, 1);
    try {
      await send();
      const partition = await until('a call that does not return', async () => {
        await send();
        return Promise.race([reached.promise, Promise.resolve(undefined)]);
      });
      // A slow machine may need a second for a commit: then the other partition is told for a moment, too.
      const stall = await until('the stall', async () => {
        await send();
        const { stalls } = app.status();
        return stalls.length === 1 && stalls[0]?.partition === partition && stalls[0];
      });
      assert.equal(app.status().state, 'running');
      assert.deepEqual([stall.step, stall.topic], ['count', topics.items]);
      assert.ok(stall.records > 0 && stall.since < Date.now());
      hung.resolve(undefined);
      await until('the end of the stall', () => app.status().stalls.length === 0);
    } finally {
      hung.resolve(undefined);
      await app.stop();
    }
  });
}
