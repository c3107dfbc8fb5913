import assert from 'node:assert/strict';
import {
  counted,
  countsText,
  duration,
  fillIn,
  messageOf,
  percent,
  percentNearEnds,
  roundDuration,
  shortPercent,
  timeSpan,
} from '../../base/text.ts';

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

describe('base/text', () => {
  it('returns a thrown value as text', () => {
    assert.equal(messageOf(new TypeError('no such file')), 'no such file');
    assert.equal(messageOf('no such file'), 'no such file');
    assert.equal(messageOf(undefined), 'undefined');
  });

  it('writes shares as percentages', () => {
    assert.deepEqual(
      [0, 0.0734, 0.42].map((share) => percent(share)),
      ['0.0 %', '7.3 %', '42.0 %'],
    );
    assert.deepEqual([percent(0.125, 0), percent(0.004321, 2)], ['13 %', '0.43 %']);
    assert.deepEqual([0.9, 0.953].map(shortPercent), ['90 %', '95.3 %']);
    assert.deepEqual([0, 0.0734, 0.0996, 0.42, 0.9961, 1].map(percentNearEnds), [
      '0.0 %',
      '7.3 %',
      '10 %',
      '42 %',
      '99.6 %',
      '100 %',
    ]);
  });

  it('writes configured durations exactly', () => {
    assert.deepEqual([500, 1_500, minute, 10 * minute, 2 * hour].map(duration), [
      '500 ms',
      '1.5 s',
      '60 s',
      '10 min',
      '2 h',
    ]);
  });

  it('writes measured durations rounded', () => {
    assert.deepEqual([118_600, 12.4 * minute, 2.54 * hour].map(roundDuration), ['119 s', '12 min', '2.5 h']);
    assert.deepEqual([-1, 4_000, 99_000, 12 * minute, 200 * minute, 3 * day].map(timeSpan), [
      '0 s',
      '4 s',
      '99 s',
      '12 min',
      '3 h 20 min',
      '3 d',
    ]);
  });

  it('fills names in, whatever characters they contain', () => {
    const name = "press $& $1 $' $$ {file}";
    assert.equal(fillIn('{folder}-{file}-{other}', { folder: name, file: 'a' }), `${name}-a-{other}`);
    assert.equal(fillIn('{constructor}', {}), '{constructor}');
  });

  it('counts', () => {
    assert.deepEqual(
      [0, 1, 2].map((count) => counted(count, 'alert')),
      ['0 alerts', '1 alert', '2 alerts'],
    );
    assert.equal(countsText({ late: 3, repeated: 1 }), '3 late, 1 repeated');
    assert.equal(countsText({}), undefined);
  });
});
