import assert from 'node:assert/strict';
import { Backoff, pause, until, within } from '../../base/retry.ts';

const never = new Promise<never>(() => undefined);

describe('base/retry', () => {
  describe('Backoff', () => {
    it('doubles the pauses up to the longest, and begins again after a success', () => {
      const backoff = new Backoff({ first: 100, longest: 500 });
      assert.deepEqual(
        Array.from({ length: 5 }, () => backoff.next()),
        [100, 200, 400, 500, 500],
      );
      assert.equal(backoff.failures, 5);
      backoff.reset();
      assert.deepEqual([backoff.failures, backoff.next()], [0, 100]);
    });

    it('stays at the longest, however many failures there were', () => {
      const backoff = new Backoff({ first: 100, longest: 500 });
      for (let i = 0; i < 2_000; i++) assert.ok(backoff.next() <= 500);
    });
  });

  describe('pause', () => {
    it('ends early by its signal, without an error', async () => {
      const abort = new AbortController();
      const paused = pause(60_000, abort.signal);
      abort.abort();
      await paused;
      await pause(60_000, abort.signal);
      await new Backoff({ first: 60_000 }).pause(abort.signal);
    });
  });

  describe('within', () => {
    it('passes on the promise’s result when it is in time', async () => {
      assert.equal(await within(60_000, Promise.resolve('in time'), () => 'late'), 'in time');
      await assert.rejects(
        within(60_000, Promise.reject(new Error('failed')), () => 'late'),
        /failed/,
      );
    });

    it('returns or throws what `late` does when the time is over', async () => {
      assert.equal(await within(1, never, () => 'late'), 'late');
      const tooLate = (): never => {
        throw new Error('no answer');
      };
      await assert.rejects(within(1, never, tooLate), /no answer/);
    });

    it('ignores the promise’s result afterwards', async () => {
      const { promise, reject } = Promise.withResolvers<string>();
      assert.equal(await within(1, promise, () => 'late'), 'late');
      reject(new Error('an unhandled rejection would end the tests'));
      await pause(1);
    });
  });

  describe('until', () => {
    it('returns the first answer that is neither false nor undefined', async () => {
      const answers = [false, undefined, 0];
      assert.equal(await until('a number', () => answers.shift()), 0);
    });

    it('names after the timeout what it waited for', async () => {
      await assert.rejects(
        until('the broker', () => false, { timeout: 10 }),
        /^Error: Waited 0.01 s in vain for the broker$/,
      );
      let asked = 0;
      const condition = (): boolean => ++asked < 0;
      await assert.rejects(
        until(() => `the broker, asked ${asked > 0 ? 'often' : 'never'}`, condition, { timeout: 10 }),
        /asked often/,
      );
    });

    it('ends at once when the condition throws', async () => {
      let asked = 0;
      const condition = (): never => {
        asked += 1;
        throw new Error('broken');
      };
      await assert.rejects(until('anything', condition), /broken/);
      assert.equal(asked, 1);
    });

    it('asks again after errors when set to, and keeps the last one', async () => {
      let asked = 0;
      const condition = (): boolean => {
        asked += 1;
        if (asked < 3) throw new Error('not yet');
        return true;
      };
      await until('the third time', condition, { onError: 'retry' });
      assert.equal(asked, 3);
      const broken = (): never => {
        throw new Error('broken');
      };
      await assert.rejects(until('anything', broken, { onError: 'retry', timeout: 10 }), {
        cause: new Error('broken'),
      });
    });
  });
});
