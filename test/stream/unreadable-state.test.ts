/** A state that cannot be read: its partition stands still, and holds up no other. */
import assert from 'node:assert/strict';
import { until } from '../../base/retry.ts';
import { MemoryBroker, startStreamApp } from '../../stream/index.ts';
import { partKey, pieceName } from '../../stream/part-key.ts';
import { cutIntoPieces, mostPieceBytes } from '../../stream/state-pieces.ts';
import { countProcessor, createCountTopics, readCounted, sendItems } from './harness.ts';
import { memoryRig } from './memory/rig.ts';

describe('a state of which pieces are missing', () => {
  it('makes its partition stand still; the others go on, and nothing joins again', async () => {
    const broker = new MemoryBroker();
    const rig = memoryRig(broker);
    const topics = await createCountTopics(rig, 2);
    const keys = ['key-0', 'key-1', 'key-2', 'key-3'];
    const placed = keys.map((key) => broker.place({ topic: topics.items, key, value: null }).partition);
    const broken = placed[0] ?? 0;
    const others = keys.filter((_, index) => placed[index] !== broken);
    assert.ok(others.length > 0);
    const [first] = cutIntoPieces(Buffer.alloc(mostPieceBytes + 1));
    const producer = await rig.transport.producer();
    const key = partKey('key-0', pieceName('', 0));
    await producer.send([{ topic: topics.changelog, partition: broken, key, value: first ?? null }]);
    const before = await rig.transport.transactionalProducer('before');
    const position = { topic: topics.items, partition: broken, offset: 0 };
    await before.transact([], [{ group: `${topics.application}-count`, offsets: [position] }]);

    const log: string[] = [];
    const add = (_fields: object, message: string): void => void log.push(message);
    const app = startStreamApp(countProcessor(topics), {
      transport: rig.transport,
      application: topics.application,
      deadLetterTopic: topics.deadLetters,
      log: { info: () => undefined, warn: add, error: add },
    });
    try {
      await sendItems(rig, topics.items, keys, 1, 10);
      await until('the others are counted', async () => {
        const counted = await readCounted(rig, topics.counted);
        return others.every((other) => counted.get(other)?.length === 10);
      });
      const { state, message } = app.status();
      assert.equal(state, 'halted');
      assert.match(message ?? '', /the state of key key-0 cannot be read.*piece 1 of 2 is missing/);
      assert.deepEqual(log, ['a task stands still']);
    } finally {
      await app.stop();
    }
  });
});
