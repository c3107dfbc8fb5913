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
});
