/** When a partition counts as stalled, and when not. */
import assert from 'node:assert/strict';
import { looksToStall, Stalls, type SeenProgress } from '../../stream/stalls.ts';

const every = 5_000;
const at = (committed: number, end: number, more: Partial<SeenProgress> = {}): SeenProgress => ({
  ...{ group: 'g', topic: 'a', partition: 0, committed, end },
  ...more,
});

describe('stream/stalls', () => {
  let stalls: Stalls;
  /** Looks so many times, one record later each time. @returns whether any look showed a stall */
  const look = (times: number, one: (index: number) => readonly SeenProgress[]): boolean =>
    Array.from({ length: times }, (_, index) => {
      stalls.look(one(index));
      return stalls.current.length > 0;
    }).includes(true);
  beforeEach(() => {
    stalls = new Stalls(every);
  });

  it('tells a partition in which nothing was committed for a minute while records came', () => {
    assert.equal(
      look(looksToStall, (index) => [at(5, 10 + index)]),
      false,
    );
    stalls.look([at(5, 100), at(50, 60, { partition: 1 })]);
    const [stall, ...others] = stalls.current;
    assert.deepEqual(others, []);
    assert.ok(stall);
    const { since, ...rest } = stall;
    assert.deepEqual(rest, { group: 'g', topic: 'a', partition: 0, committed: 5, records: 95 });
    assert.ok(Math.abs(Date.now() - 60_000 - since) < 10_000);
    stalls.look([at(6, 101)]);
    assert.deepEqual(stalls.current, []);
  });

  it('does not tell one that commits rarely, has no lag, gets nothing new, or stands still for a told reason', () => {
    assert.equal(
      look(100, (index) => [at(Math.floor(index / 10), 1_000 + index)]),
      false,
    );
    assert.equal(
      look(100, (index) => [at(100 + index, 100 + index)]),
      false,
    );
    // A marker behind the last record, or records that an operator has to decide about.
    assert.equal(
      look(100, () => [at(3_000, 3_001)]),
      false,
    );
    assert.equal(
      look(100, (index) => [at(4_000, 4_001 + index, { isExcused: true })]),
      false,
    );
  });

  it('does not tell one that was away at another member and has been processed there', () => {
    assert.equal(
      look(10, (index) => [at(5, 10 + index)]),
      false,
    );
    assert.equal(
      look(5, () => []),
      false,
    );
    assert.equal(
      look(looksToStall, (index) => [at(20, 30 + index)]),
      false,
    );
    // It was away for long, and comes back with one new record.
    look(20, () => []);
    assert.equal(
      look(looksToStall, (index) => [at(20, 50 + index)]),
      false,
    );
  });

  it('tells one whose member joins again and again without a commit', () => {
    assert.equal(
      look(30, (index) => (index % 3 === 2 ? [] : [at(5, 10 + index)])),
      true,
    );
  });

  it('counts anew when the broker was away', () => {
    look(10, (index) => [at(5, 10 + index)]);
    stalls.restart();
    assert.equal(
      look(looksToStall, (index) => [at(5, 30 + index)]),
      false,
    );
  });
});
