import assert from 'node:assert/strict';
import { csvSection, type CsvTime } from '../../../processes/csv-schema.ts';
import { timeReader, type RowOrder } from '../../../sources/csv/time.ts';

const unordered: RowOrder = { latest: undefined, grace: 5_000 };
const at = (text: string): number => Date.parse(`${text}Z`);

function reader(rule: Partial<CsvTime> & { format: string }) {
  const { time } = csvSection.parse({ cell: 'C', time: { column: 't', ...rule } });
  assert.ok(time);
  const read = timeReader(time);
  return (text: string, latest?: number): number | string => {
    const found = read(text, { ...unordered, latest });
    return found.kind === 'time' ? found.at : found.what;
  };
}

describe('sources/csv/time', () => {
  it('reads ISO 8601 with its zone, and guesses nothing', () => {
    const read = reader({ format: 'iso' });
    for (const [text, time] of [
      ['2026-01-01T08:00:00+02:00', '2026-01-01T06:00'],
      ['2026-01-01 08:00:00.5+0200', '2026-01-01T06:00:00.5'],
      ['2026-01-01T08:00Z', '2026-01-01T08:00'],
    ] as const)
      assert.equal(read(text), at(time), text);
    for (const text of [
      ...['2026-01-01T06:00:00', '03.04.2026 23:59:58 +0200', '05-10-2026', '2026-02-30T00:00:00Z'],
      ...['2026-13-01T00:00:00Z', 'Sat, 03 Jan 2026 00:00:00 +0100', '20260101T000000Z', '1767247200000', ''],
    ])
      assert.match(String(read(text)), /is not a time as ISO 8601 with its zone/, text);
  });

  it('reads datetime in UTC or in the declared zone, and no day that does not exist', () => {
    assert.equal(reader({ format: 'datetime' })('2026-07-01 06:00:00.250'), at('2026-07-01T06:00:00.250'));
    const berlin = reader({ format: 'datetime', zone: 'Europe/Berlin' });
    assert.equal(berlin('2026-07-01 06:00:00'), at('2026-07-01T04:00'));
    assert.equal(berlin('2026-12-01 06:00:00'), at('2026-12-01T05:00'));
    for (const text of ['2026-02-29 00:00:00', '2026-02-30 00:00:00', '2026-01-01 24:00:00', '06:00'])
      assert.match(String(berlin(text)), /is not a time as YYYY-MM-DD/, text);
  });

  it('knows the zones: offsets of 45 minutes, changes at midnight, changes of half an hour', () => {
    const format = 'dd.MM.yyyy HH:mm';
    assert.equal(reader({ format, zone: 'Asia/Kathmandu' })('01.01.2026 12:00'), at('2026-01-01T06:15'));
    assert.match(String(reader({ format, zone: 'America/Santiago' })('06.09.2026 00:30')), /does not exist/);
    const lordHowe = reader({ format, zone: 'Australia/Lord_Howe' });
    assert.match(String(lordHowe('05.04.2026 01:45')), /occurs twice/);
    assert.equal(lordHowe('05.04.2026 01:15'), at('2026-04-04T14:15'));
  });

  it('refuses an hour that clocks skip', () => {
    const read = reader({ format: 'datetime', zone: 'Europe/Berlin', repeatedHour: 'in-order' });
    assert.match(String(read('2026-03-29 02:30:00')), /does not exist in Europe\/Berlin/);
    assert.equal(read('2026-03-29 01:59:59'), at('2026-03-29T00:59:59'));
    assert.equal(read('2026-03-29 03:00:00'), at('2026-03-29T01:00'));
  });

  it('refuses an hour that clocks repeat, or takes one of the two as declared', () => {
    const text = '2026-10-25 02:30:00';
    const rule = { format: 'datetime', zone: 'Europe/Berlin' };
    assert.match(String(reader(rule)(text)), /occurs twice in Europe\/Berlin.*repeatedHour/);
    assert.equal(reader({ ...rule, repeatedHour: 'earlier' })(text), at('2026-10-25T00:30'));
    assert.equal(reader({ ...rule, repeatedHour: 'later' })(text), at('2026-10-25T01:30'));
    const inOrder = reader({ ...rule, repeatedHour: 'in-order' });
    assert.match(String(inOrder(text)), /no row of the cell is before it/);
    assert.equal(inOrder(text, at('2026-10-25T00:29:59')), at('2026-10-25T00:30'));
    assert.equal(
      inOrder(text, at('2026-10-25T00:30:04')),
      at('2026-10-25T00:30'),
      'out of order, within grace',
    );
    assert.equal(inOrder(text, at('2026-10-25T00:59:59')), at('2026-10-25T01:30'));
    assert.equal(inOrder(text, at('2026-10-25T01:29:59')), at('2026-10-25T01:30'));
  });

  it('reads numbers since an epoch, exactly', () => {
    const six = at('2026-01-01T06:00:00.500');
    for (const [rule, text] of [
      [{ format: 'epoch-ms' }, '1767247200500'],
      [{ format: 'epoch-s' }, '1767247200.5'],
      [{ format: 'epoch-s' }, '1767247200,5'],
      [{ format: 'epoch-us' }, '1767247200500000'],
      [{ format: 'epoch-ns' }, '1767247200500000000'],
      [{ format: 'epoch-100ns', epoch: 1601 }, '134117208005000000'],
      [{ format: 'epoch-s', epoch: 1904 }, '3850092000.5'],
      [{ format: 'epoch-days', epoch: 1900, zone: 'UTC' }, '46023.2500057870'],
      [{ format: 'epoch-days', epoch: 1904, zone: 'UTC' }, '44561.2500057870'],
      [{ format: 'epoch-days', epoch: 1900, zone: 'Europe/Berlin' }, '46023.2916724537'],
    ] as const)
      assert.equal(reader(rule)(text), six, `${text} as ${rule.format}`);
  });

  it('refuses numbers of another unit, and texts that only resemble numbers', () => {
    for (const [rule, text] of [
      [{ format: 'epoch-s' }, '1767247200500'],
      [{ format: 'epoch-100ns' }, '134117208005000000'],
      [{ format: 'epoch-ms' }, '-1'],
      [{ format: 'epoch-ms', epoch: 1601 }, '1767247200500'],
      ...['', 'soon', '1e12', '0x10', 'Infinity', 'NaN', '1 767', '9'.repeat(30)].map(
        (text) => [{ format: 'epoch-s' }, text] as const,
      ),
    ] as const)
      assert.equal(typeof reader(rule)(text), 'string', text);
    assert.match(String(reader({ format: 'epoch-s' })('1767247200500')), /as epoch-s is in the year 57/);
  });
});
