import assert from 'node:assert/strict';
import { classesHtml } from '../../../models/cards/class-section.ts';
import { page } from '../../../models/cards/page.ts';
import { partRows } from '../../../models/cards/class-text.ts';
import { judgeClasses } from '../../../models/judging/class-judgement.ts';
import { wellFormed } from './well-formed.ts';

describe('a judgement of classes on a page', () => {
  it('has no F1 for a class that neither was nor was called, and counts it in no mean', () => {
    const judged = judgeClasses(
      ['a', 'b', 'c'],
      [0, 1, 1, 0],
      [0, 1, 2, 3],
      [
        {
          name: 'm',
          probabilities: Float64Array.from([0.8, 0.1, 0.1, 0.2, 0.7, 0.1, 0.6, 0.3, 0.1, 0.9, 0.1, 0]),
        },
      ],
      [],
      1,
    );
    assert.equal(judged.parts[2]?.f1, null);
    assert.deepEqual(partRows(judged)[2], ['c', '0', '0.000', '0.000', '–', '–']);
    // a: 2·2/(2+3); b: 2·1/(2+1)
    assert.ok(Math.abs((judged.scores[0]?.macroF1 ?? 0) - (4 / 5 + 2 / 3) / 2) < 1e-12);
    const html = page({ title: 'Classes', subtitle: 'of three', body: classesHtml(judged) });
    wellFormed(html);
    assert.match(html, /F1 by class. Between 0\.667 and 0\.800\./);
    assert.match(html, /The calibration in numbers/);
  });
});
