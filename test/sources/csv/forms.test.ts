/** Files of other countries and programs: what is not declared is not guessed, and what does not fit is counted. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectDataset } from '../../../models/data/collect-dataset.ts';
import { parseDefinition } from '../../../processes/load.ts';
import type { ProcessDefinition } from '../../../processes/schema.ts';
import { createCsvSource } from '../../../sources/csv/csv.ts';
import type { InputProblem } from '../../../sources/input-problems.ts';
import { collect, readingsOf } from '../plants.ts';

const plant = (csv: string): ProcessDefinition =>
  parseDefinition(
    `
process: forms
title: Forms of files
hierarchy: { enterprise: E, site: S, area: A, line: L }
cells: any
time: { period: 10s, grace: 20s, ahead: 10s }
tags:
  - { id: X, title: x, unit: mm, range: [-100, 100], normal: [-1, 1] }
features: { hop: 10s, windows: { w: 20s }, rules: [{ tags: '*', windows: [w], statistics: [last] }] }
target: { id: bad, title: bad, about: time, cost: { miss: 10, falseAlarm: 1 } }
csv: { delimiter: ';', cell: '{file}', label: label, ${csv} }
`,
    'forms.yaml',
  );

const utc = (text: string): number => Date.parse(`${text}Z`);

describe('files of other countries and programs', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castwatch-forms-'));
  });
  after(() => rm(folder, { recursive: true }));

  const problems: InputProblem[] = [];
  beforeEach(() => problems.splice(0));
  const open = async (csv: string, contents: string | Buffer) => {
    const path = join(folder, 'C1.csv');
    await writeFile(path, contents);
    const definition = plant(csv);
    const source = await createCsvSource({
      definition,
      files: [path],
      onProblem: (each) => problems.push(each),
    });
    return { definition, source };
  };
  async function read(csv: string, contents: string | Buffer) {
    const { source } = await open(csv, contents);
    const all = await collect(source);
    return readingsOf(all).map(({ value }) => [value.eventTime, value.measurements[0]?.value]);
  }
  const told = () => problems.map(({ reason, place }) => [reason, Number(place.split(':').at(-1))]);

  it('day first, decimal comma, local time, cp1252', async () => {
    const rows = await read(
      "time: { column: Zeit, format: 'dd.MM.yyyy HH:mm:ss', zone: Europe/Berlin }, decimal: ',', encoding: windows-1252, ignore: [Prüfer]",
      Buffer.from(
        'Zeit;X;Prüfer;label\r\n03.04.2026 23:59:58;1,5;Jörg;0\r\n04.04.2026 00:00:08;-2;Jörg;1\r\n04.04.2026 00:00:18;1.5;x;0\r\n',
        'latin1',
      ),
    );
    assert.deepEqual(rows, [
      [utc('2026-04-03T21:59:58'), 1.5],
      [utc('2026-04-03T22:00:08'), -2],
      [utc('2026-04-03T22:00:18'), null],
    ]);
    assert.deepEqual(told(), [['malformed-cell', 4]]);
    assert.match(problems[0]?.remedy ?? '', /decimal comma/);
  });

  it('two columns for date and time of day', async () => {
    const rows = await read(
      "time: { column: [day, clock], format: 'dd.MM.yyyy HH:mm', zone: UTC }",
      'clock;X;day;label\n07:30;1;03.04.2026;0\n07:31;1;;0\n',
    );
    assert.deepEqual(rows, [[utc('2026-04-03T07:30'), 1]]);
    assert.deepEqual(told(), [['malformed-row', 3]]);
  });

  it('a wrong declaration is named as what it is', async () => {
    const bytes = Buffer.from('Zeit;X;Grüße;label\n', 'latin1');
    const time = "time: { column: Zeit, format: 'dd.MM.yyyy', zone: UTC }";
    await assert.rejects(open(time, bytes), /C1\.csv:1 should name the columns, but it is not in utf-8/);
    assert.deepEqual(await read(time, 'Zeit;X;label\n04/03/2026;1;0\n31.04.2026;1;0\n03.04.2026;1;0\n'), [
      [utc('2026-04-03T00:00'), 1],
    ]);
    assert.deepEqual(told(), [
      ['malformed-row', 2],
      ['malformed-row', 3],
    ]);
    assert.equal(problems[0]?.what, '"04/03/2026" is not a time as dd.MM.yyyy');
  });

  it('bytes in one line that are not in the encoding cost that line only', async () => {
    const time = 'time: { column: Zeit, format: epoch-s }, ignore: [by]';
    const rows = await read(
      time,
      Buffer.from('Zeit;X;by;label\n10;1;a;0\n20;2;\xfc;0\n30;3;b;0\n', 'latin1'),
    );
    assert.deepEqual(rows, [
      [10_000, 1],
      [30_000, 3],
    ]);
    assert.deepEqual(told(), [['malformed-row', 3]]);
    const utf16 = Buffer.from('\ufeffZeit;X;by;label\r\n10;1;ü;0\r\n', 'utf16le');
    assert.deepEqual(await read(`${time}, encoding: utf-16le`, utf16), [[10_000, 1]]);
  });

  it('numbers that only resemble numbers are malformed', async () => {
    const cells = ['0x10', '1_000', '0b1', '1,5', '1.5e', '+-1'];
    const lines = cells.map((cell, nth) => `${10 * nth};${cell};0`);
    const rows = await read('time: { column: at, format: epoch-s }', `at;X;label\n${lines.join('\n')}\n`);
    assert.deepEqual(
      rows.map(([, value]) => value),
      cells.map(() => null),
    );
    assert.equal(problems.filter(({ reason }) => reason === 'malformed-cell').length, cells.length);
  });

  describe('in the hour that clocks repeat', () => {
    // From half past one to half past three by the clock, which is three hours; the hour is bad the second time.
    const rows: { text: string; time: number; label: number }[] = [];
    for (let time = utc('2026-10-24T23:30'); time < utc('2026-10-25T02:30'); time += 10_000) {
      const isLater = time >= utc('2026-10-25T01:00');
      const wall = new Date(time + (isLater ? 1 : 2) * 3_600_000).toISOString();
      const label = isLater ? 1 : 0;
      rows.push({ text: wall.slice(0, 19).replace('T', ' '), time, label });
    }
    const contents = `at;X;label\n${rows.map(({ text, label }) => `${text};${label};${label}\n`).join('')}`;
    const training = async (csv: string) => {
      const { definition, source } = await open(csv, contents);
      const { places, labels, features } = await collectDataset({ definition, records: source });
      const found = Array.from(places.time, (time, row) => [time, labels[row]]);
      // The only feature is the last value, which is the row's own label.
      assert.deepEqual([...labels], [...features.data]);
      return { found, counts: source.counts() };
    };
    // A row at the end of a hop has the readings before it, and their label.
    const expected = rows.map(({ time, label }) => [time + 10_000, label]);

    it('each row keeps its own label, when the order is declared to decide', async () => {
      const zone = 'zone: Europe/Berlin, repeatedHour: in-order';
      const { found, counts } = await training(`time: { column: at, format: datetime, ${zone} }`);
      assert.deepEqual(found, expected.slice(0, found.length));
      assert.ok(found.length >= rows.length - 3, `${found.length} of ${rows.length} rows`);
      assert.deepEqual(counts, { 'repeated-hour': 720 });
    });

    it('the rows are malformed when nothing is declared', async () => {
      const { counts } = await training('time: { column: at, format: datetime, zone: Europe/Berlin }');
      assert.deepEqual(counts, { 'malformed-row': 720 });
    });

    it('no row gets the label of a row that validation rejects, when the zone is declared wrongly', async () => {
      const { found, counts } = await training('time: { column: at, format: datetime }');
      const hour = found.filter(
        ([time = 0]) => time > utc('2026-10-25T02:00') && time <= utc('2026-10-25T03:00'),
      );
      // Within the grace, the last rows of the hour count as readings out of order, and take the place of the first ones.
      assert.deepEqual([hour.length, hour.filter(([, label]) => label === 0).length], [360, 357]);
      assert.deepEqual(counts, { 'malformed-label': 357 });
    });
  });
});
