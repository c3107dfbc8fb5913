/** What a step asks for at take-over fails as one: a second failure must not end the process. */
import assert from 'node:assert/strict';
import { committedOf } from '../../stream/positions.ts';
import { MemoryBroker, MemoryTransport } from '../../stream/index.ts';

/** As when the broker goes away between two answers. */
class FailingTransport extends MemoryTransport {
  #asked = 0;

  override async committedPositions(): Promise<never> {
    const nth = ++this.#asked;
    for (let turn = 0; turn < nth; turn++) await new Promise(setImmediate);
    throw new Error(`no answer ${nth}`);
  }
}

describe('stream/positions', () => {
  it('leaves no failure of a broker without a handler', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    const before = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', note);
    try {
      const transport = new FailingTransport(new MemoryBroker());
      const topics = {
        step: 's',
        inputs: [{ from: 'a', topic: 'a', role: 'stream' }],
        changelog: 'c',
        onGap: 'stop',
      } as const;
      await assert.rejects(committedOf(topics, 'group', transport), /no answer 1/);
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      assert.deepEqual(unhandled, []);
    } finally {
      process.off('unhandledRejection', note);
      for (const listener of before) process.on('unhandledRejection', listener);
    }
  });
});
