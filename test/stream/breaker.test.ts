import assert from 'node:assert/strict';
import { Breaker } from '../../stream/breaker.ts';

const feed = (breaker: Breaker, deaths: readonly boolean[]): number =>
  deaths.findIndex((died) => breaker.count(died));

describe('stream/breaker', () => {
  it('trips at the minimum when all records are dead letters', () => {
    assert.equal(
      feed(new Breaker({ window: 100, minimum: 10, maxShare: 0.5 }), Array<boolean>(50).fill(true)),
      9,
    );
  });

  it('does not trip on a small share, however long it lasts', () => {
    const deaths = Array.from({ length: 10_000 }, (_, index) => index % 100 === 0);
    assert.equal(feed(new Breaker({ window: 100, minimum: 10, maxShare: 0.5 }), deaths), -1);
  });

  it('counts only the latest records', () => {
    const deaths = [...Array<boolean>(1_000).fill(false), ...Array<boolean>(60).fill(true)];
    assert.equal(feed(new Breaker({ window: 100, minimum: 10, maxShare: 0.5 }), deaths), 1_050);
  });

  describe('quarantines', () => {
    const options = { window: 100, minimum: 20, maxShare: 0.5 };
    interface Sent {
      readonly died: boolean;
      readonly key: string;
      readonly producer?: number;
    }
    const run = (breaker: Breaker, times: number, sent: readonly Sent[]): boolean =>
      Array.from({ length: times }, () =>
        sent.some(({ died, key, producer }) => breaker.count(died, key, producer)),
      ).some((tripped) => tripped);
    const names = (breaker: Breaker): readonly string[] =>
      breaker.quarantined.map(({ by, name }) => `${by} ${name}`);
    const bad = { died: true, key: 'bad', producer: 7 };
    const good = { died: false, key: 'good', producer: 8 };

    it('a key of which all records die while others live, and trips when the others die too', () => {
      const breaker = new Breaker(options);
      assert.equal(run(breaker, 500, [bad, bad, bad, good]), false);
      assert.deepEqual(names(breaker), ['key bad']);
      assert.equal(breaker.quarantined[0]?.letters, 1_500);
      assert.equal(run(breaker, 500, [{ ...good, died: true }]), true);
    });

    it('a producer that writes wrong records under many keys', () => {
      const breaker = new Breaker(options);
      const wrong = Array.from({ length: 9 }, (_, n) => ({ ...bad, key: `key-${n}` }));
      const right = Array.from({ length: 5 }, (_, n) => ({ ...good, key: `key-${n}` }));
      assert.equal(run(breaker, 100, [...wrong, ...right]), false);
      assert.deepEqual(names(breaker), ['producer 7']);
    });

    it('nothing without records that show that the step works', () => {
      const breaker = new Breaker(options);
      assert.equal(run(breaker, 100, [bad]), true);
      assert.deepEqual(names(breaker), []);
    });

    it('nothing when several sources die: then the step is at fault', () => {
      const breaker = new Breaker(options);
      const step = [1, 2, 3, 4].map((n) => ({ ...bad, key: `key-${n}`, producer: n }));
      assert.equal(run(breaker, 100, [...step, good]), true);
    });

    it('nothing when a few sources die, each of them a small part of the window', () => {
      const breaker = new Breaker({ window: 1_000 });
      run(breaker, 1_000, [good]);
      const step = Array.from({ length: 8 }, (_, n) => ({ ...bad, key: `key-${n}`, producer: n % 4 }));
      assert.equal(run(breaker, 100, step), true);
      assert.deepEqual(names(breaker), []);
    });

    it('a source until its records live again', () => {
      const breaker = new Breaker(options);
      run(breaker, 50, [bad, bad, bad, good]);
      assert.deepEqual(names(breaker), ['key bad']);
      run(breaker, options.minimum, [{ ...bad, died: false }]);
      assert.deepEqual(names(breaker), []);
    });
  });
});
