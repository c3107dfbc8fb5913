import assert from 'node:assert/strict';
import { decideRetraining, type RetrainingFacts } from '../../../models/registry/retraining-policy.ts';
import { smallPlant } from '../small-plant.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 5, 1);
const facts: RetrainingFacts = {
  now,
  present: now,
  champion: { bundle: 'old', until: now - 5 * day },
  challenger: undefined,
  reports: [],
};
const decide = (change: Partial<RetrainingFacts>) => decideRetraining(smallPlant, { ...facts, ...change });

/** @param indices newest first */
const reports = (asset: string, ...indices: readonly (number | null)[]) =>
  indices.map((each, back) => ({
    asset,
    eventTime: now - back * 4 * 3_600_000,
    index: each,
    text: `${asset} moved`,
  }));

describe('policy of retraining', () => {
  it('waits while there is no reason', () => {
    assert.deepEqual(decide({}), {
      retrain: false,
      why: 'no asset has 3 consecutive drift reports above 0.25, and old is younger than 720 h',
    });
  });

  it('trains when the champion is old by the plant’s clock', () => {
    const decision = decide({ champion: { bundle: 'old', until: now - 31 * day } });
    assert.equal(decision.retrain, true);
    assert.match(
      decision.why,
      /^age: the training data of old ends at 2026-05-01 00:00 UTC, 744 h ago; the limit is 720 h/,
    );
    assert.equal(decide({ champion: { bundle: 'old', until: now - 30 * day } }).retrain, false);
  });

  it('trains when one asset has enough consecutive drift reports, and names it', () => {
    const decision = decide({
      reports: [...reports('b', 0.1, 0.9, 0.9, 0.9), ...reports('a', 0.31, 0.4, 0.5, 0.2)],
    });
    assert.deepEqual(decision, {
      retrain: true,
      why: 'drift: 3 consecutive reports of a above 0.25, the last 0.31 (a moved), compared with the training data of old',
    });
    assert.equal(decide({ reports: reports('a', 0.31, 0.2, 0.5, 0.5) }).retrain, false);
  });

  it('does not count reports with too few rows', () => {
    assert.equal(decide({ reports: reports('a', null, 0.4, null, 0.4, 0.4) }).retrain, true);
    assert.equal(decide({ reports: reports('a', null, null, null) }).retrain, false);
  });

  it('leaves a new challenger to be judged first', () => {
    const drifted = { reports: reports('a', 1, 1, 1) };
    const since = (ago: number) => decide({ ...drifted, challenger: { bundle: 'new', since: now - ago } });
    assert.equal(since(day - 60_000).retrain, false);
    assert.match(since(3_600_000).why, /^new has been challenger for only 60 min/);
    assert.equal(since(day).retrain, true);
  });

  it('has nothing to challenge without a champion', () => {
    assert.match(decide({ champion: undefined, reports: reports('a', 1, 1, 1) }).why, /no champion/);
  });
});
