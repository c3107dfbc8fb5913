import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileTimePattern } from '../../processes/time-pattern.ts';
import { seed } from '../support/seed.ts';

function read(pattern: string, text: string): number | undefined {
  const compiled = compileTimePattern(pattern);
  assert.ok('read' in compiled, 'wrong' in compiled ? compiled.wrong : '');
  const found = compiled.read(text);
  return found && found.wall - (found.offset ?? 0);
}

const at = (text: string): number => Date.parse(`${text}Z`);

describe('processes/time-pattern', () => {
  it('reads the declared form', () => {
    for (const [pattern, text, expected] of [
      ['dd.MM.yyyy HH:mm:ss', '03.04.2026 23:59:58', '2026-04-03T23:59:58'],
      ['d.M.yyyy H:mm', '3.4.2026 7:05', '2026-04-03T07:05'],
      ['MM/dd/yyyy hh:mm:ss a', '04/03/2026 12:05:00 AM', '2026-04-03T00:05'],
      ['MM/dd/yyyy hh:mm:ss a', '04/03/2026 12:05:00 pm', '2026-04-03T12:05'],
      ['dd-MMM-yy HH:mm:ss', '03-APR-26 10:00:00', '2026-04-03T10:00'],
      ["yyyy-MM-dd'T'HH:mm:ss[.S]", '2026-04-03T10:00:00', '2026-04-03T10:00'],
      ["yyyy-MM-dd'T'HH:mm:ss[.S]", '2026-04-03T10:00:00.1239', '2026-04-03T10:00:00.123'],
      ['yyyyMMddHHmmss', '20240229235959', '2024-02-29T23:59:59'],
      ['dd.MM.yyyy HH:mm:ss XXX', '03.04.2026 23:59:58 +0200', '2026-04-03T21:59:58'],
      ['dd.MM.yyyy HH:mm XXX', '03.04.2026 23:59 -03:30', '2026-04-04T03:29'],
      ['dd.MM.yyyy HH:mmXXX', '03.04.2026 23:59Z', '2026-04-03T23:59'],
    ] as const)
      assert.equal(read(pattern, text), at(expected), `${text} as ${pattern}`);
  });

  it('reads nothing else', () => {
    for (const [pattern, text] of [
      ['dd.MM.yyyy HH:mm:ss', '3.04.2026 23:59:58'],
      ['dd.MM.yyyy HH:mm:ss', '04/03/2026 23:59:58'],
      ['dd.MM.yyyy HH:mm:ss', '03.04.2026 24:00:00'],
      ['dd.MM.yyyy HH:mm:ss', '03.13.2026 23:00:00'],
      ['dd.MM.yyyy HH:mm:ss', '03.04.2026 23:00:00 '],
      ['dd.MM.yyyy HH:mm:ss', '03x04x2026 23:00:00'],
      ['dd.MM.yyyy', '29.02.2026'],
      ['dd.MM.yyyy', '30.02.2024'],
      ['dd.MM.yyyy', '31.04.2026'],
      ['dd.MM.yyyy', '00.01.2026'],
      ['dd.MM.yyyy hh:mm a', '01.01.2026 13:00 PM'],
      ['dd.MM.yyyy HH:mm:ss XXX', '03.04.2026 23:59:58'],
      ['dd.MM.yyyy HH:mm:ss XXX', '03.04.2026 23:59:58 +20:00'],
    ] as const)
      assert.equal(read(pattern, text), undefined, `${text} as ${pattern}`);
  });

  it('says what is wrong with a pattern', () => {
    for (const [pattern, why] of [
      ['dd.mm.yyyy HH:MM:SS', /mm is the minute/],
      ['dd.MM.yyyy HH:MM', /mm/],
      ['DD.MM.YYYY', /needs a year/],
      ['HH:mm:ss', /needs a year/],
      ['dd.MM.yyyy HH:mm:ss dd', /twice/],
      ['dd.MM.yyyy [HH:mm', /bracket/],
      ['dd.MM.yyyy hh:mm', /goes with a/],
      ['dd.MM.yyyy HH:mm:ss zz', /zz is no part of a time/],
      ['', /needs a year/],
    ] as const) {
      const compiled = compileTimePattern(pattern);
      assert.match('wrong' in compiled ? compiled.wrong : 'none', why, pattern);
    }
  });

  it('reads back every time that it describes', () => {
    const times = fc.integer({ min: 0, max: at('2099-12-31T23:59:59') });
    fc.assert(
      fc.property(times, (time) => {
        const iso = new Date(time).toISOString();
        const german = iso.replace(/^(\d+)-(\d+)-(\d+)T(.*)Z$/, '$3.$2.$1 $4');
        assert.equal(read('dd.MM.yyyy HH:mm:ss.S', german), time);
      }),
      { seed },
    );
  });
});
