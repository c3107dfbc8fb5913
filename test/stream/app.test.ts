import assert from 'node:assert/strict';
import { until } from '../../base/retry.ts';
import { StreamError, startStreamApp } from '../../stream/index.ts';
import type { Transport } from '../../stream/index.ts';
import { countProcessor, createCountTopics } from './harness.ts';
import { memoryRig } from './memory/rig.ts';

/** A transport that fails once to create one producer, after the others are created. */
function failingOnce(transport: Transport, open: Set<object>): Transport {
  let failures = 0;
  return new Proxy(transport, {
    get(target, property: keyof Transport) {
      if (property !== 'transactionalProducer') return target[property].bind(target);
      return async (id: string) => {
        if (id.endsWith('-2') && failures++ === 0) {
          await until('the others are open', () => open.size === 3);
          throw new StreamError('BROKER_UNAVAILABLE', 'not now');
        }
        const producer = await target.transactionalProducer(id);
        open.add(producer);
        const close = async (): Promise<void> => {
          open.delete(producer);
          await producer.close();
        };
        return { transact: producer.transact.bind(producer), close };
      };
    },
  });
}

describe('a stream app', () => {
  it('leaves no producer open when one task of an assignment cannot be opened', async () => {
    const rig = memoryRig();
    const topics = await createCountTopics(rig, 4);
    const open = new Set<object>();
    const app = startStreamApp(countProcessor(topics), {
      transport: failingOnce(rig.transport, open),
      application: topics.application,
      deadLetterTopic: topics.deadLetters,
    });
    await until('the app to run', () => app.status().state === 'running');
    assert.equal(open.size, 4);
    await app.stop();
    assert.equal(open.size, 0);
  });
});
