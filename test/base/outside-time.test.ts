import assert from 'node:assert/strict';
import { timeFault } from '../../base/outside-time.ts';

describe('base/outside-time', () => {
  it('takes times from 1970 to the end of 2099', () => {
    for (const at of [0, Date.UTC(2026, 0, 1), Date.UTC(2100, 0, 1) - 1])
      assert.equal(timeFault(at), undefined);
  });

  it('refuses others, and names the year', () => {
    assert.match(timeFault(-1) ?? '', /in the year 1969/);
    assert.match(timeFault(Date.UTC(2100, 0, 1)) ?? '', /in the year 2100/);
    // Microseconds in place of ms.
    assert.match(timeFault(Date.UTC(2026, 0, 1) * 1_000) ?? '', /in the year 57\d{3}/);
    assert.match(timeFault(9e15) ?? '', /beyond all calendars/);
    assert.match(timeFault(Number.NaN) ?? '', /beyond all calendars/);
  });
});
