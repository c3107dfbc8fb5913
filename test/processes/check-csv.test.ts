import assert from 'node:assert/strict';
import { csvSection } from '../../processes/csv-schema.ts';
import { checkCsvForms } from '../../processes/check-csv.ts';

const problems = (time: object): readonly string[] => {
  const found: string[] = [];
  checkCsvForms(csvSection.parse({ cell: 'C', time: { column: 't', ...time } }), (path, message) => {
    found.push(`${path.slice(1).join('.')}: ${message}`);
  });
  return found;
};

describe('processes/check-csv', () => {
  it('takes complete declarations of time', () => {
    for (const time of [
      { format: 'iso' },
      { format: 'datetime' },
      { format: 'datetime', zone: 'Europe/Berlin', repeatedHour: 'in-order' },
      { format: 'dd.MM.yyyy HH:mm:ss', zone: 'UTC' },
      { format: 'dd.MM.yyyy HH:mm:ss XXX' },
      { format: 'epoch-100ns', epoch: 1601 },
      { format: 'epoch-days', epoch: 1900, zone: 'America/New_York' },
    ])
      assert.deepEqual(problems(time), [], time.format);
  });

  it('refuses what is missing, contradicts itself or does not exist', () => {
    for (const [time, why] of [
      [{ format: 'dd.MM.yyyy HH:mm' }, /^time: .* add zone, such as Europe\/Berlin or UTC/],
      [{ format: 'epoch-days' }, /add zone/],
      [{ format: 'datetime', zone: 'Berlin' }, /^time\.zone: there is no time zone Berlin/],
      [{ format: 'datetime', zone: '+02:00' }, /there is no time zone \+02:00/],
      [{ format: 'iso', zone: 'UTC' }, /contain their zone: remove this one/],
      [{ format: 'epoch-s', zone: 'UTC' }, /contain their zone: remove this one/],
      [{ format: 'datetime', repeatedHour: 'in-order' }, /^time\.repeatedHour: only times in a zone/],
      [{ format: 'iso', epoch: 1904 }, /^time\.epoch: only numbers have an epoch/],
      [{ format: 'epoch-sec' }, /did you mean epoch-s\?/],
      [{ format: 'dd.mm.yyyy HH:MM:SS', zone: 'UTC' }, /^time\.format: .* mm is the minute/],
    ] as const)
      assert.match(problems(time).join('\n'), why, JSON.stringify(time));
  });
});
