import assert from 'node:assert/strict';
import fc from 'fast-check';
import { emptyHistory, foldBefore, pieceAt, takeEvent } from '../../../processors/features/pieces.ts';
import type { MesEvent } from '../../../schemas/generated/types.ts';
import { seed } from '../../support/seed.ts';
import { mesEvent, start } from '../support.ts';

const levels = ['batch', 'part'];
const at = (second: number): number => start + 1_000 * second;

function historyOf(events: readonly MesEvent[]) {
  const history = emptyHistory();
  for (const event of events) takeEvent(history, event, ['grade']);
  return history;
}

const story: readonly MesEvent[] = [
  mesEvent(10, 'STARTED', 'batch', 'B1', { grade: 'soft', secret: 'x' }),
  mesEvent(12, 'STARTED', 'part', 'P1'),
  mesEvent(20, 'CHANGED', 'batch', 'B1', { grade: 'hard' }),
  mesEvent(30, 'STARTED', 'part', 'P2', {}, 100),
  mesEvent(30, 'ENDED', 'part', 'P1', {}, 101),
  mesEvent(40, 'ENDED', 'batch', 'B1'),
];

describe('pieces', () => {
  it('are found by time, with the properties that the definition names', () => {
    const history = historyOf(story);
    const told = [10, 11, 20, 21, 30, 31, 41].map((second) => pieceAt(history, levels, at(second)));
    assert.deepEqual(told, [
      {},
      { batch: 'B1', grade: 'soft' },
      { batch: 'B1', grade: 'soft', part: 'P1' },
      { batch: 'B1', grade: 'hard', part: 'P1' },
      { batch: 'B1', grade: 'hard', part: 'P1' },
      { batch: 'B1', grade: 'hard', part: 'P2' },
      { part: 'P2' },
    ]);
  });

  it('are the same for any order of events, and for repeated events', () => {
    const shuffled = fc.shuffledSubarray([...story, ...story], { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(shuffled, (events) => {
        const [told, expected] = [historyOf(events), historyOf(story)];
        for (let second = 0; second < 50; second++)
          assert.deepEqual(pieceAt(told, levels, at(second)), pieceAt(expected, levels, at(second)));
      }),
      { seed },
    );
  });

  it('are the same after past events were folded', () => {
    for (let fold = 0; fold < 45; fold++) {
      const history = historyOf(story);
      foldBefore(history, at(fold));
      for (let second = fold + 1; second < 50; second++)
        assert.deepEqual(pieceAt(history, levels, at(second)), pieceAt(historyOf(story), levels, at(second)));
      assert.ok(history.waiting.every(({ eventTime }) => eventTime >= at(fold)));
    }
  });

  it('ignore repeats and overtaken events, and say which', () => {
    const history = historyOf(story);
    foldBefore(history, at(35));
    const last = story[4];
    assert.ok(last);
    assert.equal(takeEvent(history, last, []), 'duplicate');
    assert.equal(takeEvent(history, mesEvent(15, 'STARTED', 'part', 'P0'), []), 'superseded');
    assert.equal(takeEvent(history, mesEvent(36, 'STARTED', 'part', 'P3'), []), 'taken');
  });

  it('keep a bounded number of events ahead of the readings', () => {
    const history = emptyHistory();
    const answers = Array.from({ length: 4_100 }, (_, index) =>
      takeEvent(history, mesEvent(index, 'STARTED', 'part', `P${index}`), []),
    );
    assert.equal(answers.filter((answer) => answer === 'overflow').length, 4);
  });
});
