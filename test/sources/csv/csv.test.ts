import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadDefinition } from '../../../processes/load.ts';
import { createCsvSource } from '../../../sources/csv/csv.ts';
import type { InputProblem } from '../../../sources/input-problems.ts';
import { collect, readingsOf, smallPlant } from '../plants.ts';

const definition = { ...smallPlant(), cells: 'any' as const };
const at = (text: string) => Date.parse(`2026-01-01T${text}Z`);

describe('sources/csv', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castwatch-csv-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const file = async (name: string, ...lines: string[]): Promise<string> => {
    const path = join(folder, name);
    await mkdir(resolve(path, '..'), { recursive: true });
    await writeFile(path, `${lines.join('\n')}\n`);
    return path;
  };
  const open = (files: string | string[], onProblem?: (problem: InputProblem) => void) =>
    createCsvSource({ definition, files: [files].flat(), ...(onProblem === undefined ? {} : { onProblem }) });

  it('keeps the dollar signs of a file’s name, so that two machines stay two assets', async () => {
    const row = ['at;X;Y;bad', '2026-01-01 06:00:00;1;2;0'];
    const paths = [await file('press$$1.csv', ...row), await file('press$1.csv', ...row)];
    const found = readingsOf(await collect(await open([...paths, await file('$&.csv', ...row)])));
    assert.deepEqual(
      new Set(found.map(({ value }) => value.asset)),
      new Set(['$&', 'press$$1', 'press$1'].map((cell) => `E/S/A/L/${cell}`)),
    );
  });

  it('makes a reading and a label from each row', async () => {
    const path = await file(
      'C1.csv',
      'at;Y;X;bad;spare',
      '2026-01-01 06:00:00;2.5;1;0;z',
      '2026-01-01 06:00:01.250;-3;;1;z',
    );
    const source = await open(path);
    const all = await collect(source);
    assert.deepEqual(all.slice(0, 2), [
      {
        topic: 'sensorReadings',
        timestamp: at('06:00:00'),
        due: 0,
        value: {
          asset: 'E/S/A/L/C1',
          eventTime: at('06:00:00'),
          sequence: 1,
          source: 'csv:C1',
          measurements: [
            { tag: 'X', value: 1, quality: 'GOOD' },
            { tag: 'Y', value: 2.5, quality: 'GOOD' },
          ],
        },
      },
      {
        topic: 'qualityLabels',
        timestamp: at('06:00:00'),
        due: 0,
        value: {
          asset: 'E/S/A/L/C1',
          eventTime: at('06:00:00'),
          until: at('06:00:01'),
          target: 'bad',
          value: 0,
          defect: null,
          piece: {},
          source: 'csv:C1',
          foundAt: at('06:00:01'),
        },
      },
    ]);
    assert.deepEqual(readingsOf(all)[1]?.value.measurements[0], { tag: 'X', value: null, quality: 'GOOD' });
    assert.equal(readingsOf(all)[1]?.due, 1250);
    assert.deepEqual(source.counts(), {});
    assert.deepEqual(source.progress(), { records: 4, share: 1, timestamp: at('06:00:01.250') });
    assert.deepEqual(await collect(source), all, 'the same when read again');
  });

  it('replays files in parallel from their own beginnings, each in its own order', async () => {
    await file(
      'a/C2.csv',
      'at;X;Y',
      '2026-01-01 09:00:00;1;1',
      '2026-01-01 09:00:04;2;1',
      '2026-01-01 09:00:02;3;1',
    );
    await file(
      'a/C10.csv',
      'at;X;Y;bad',
      '2026-01-01 06:00:00;4;1;',
      '2026-01-01 06:00:03;5;1;',
      '2026-01-01 06:00:09;6;1;1',
    );
    const source = await open(join(folder, 'a', '*.csv'));
    assert.deepEqual(
      source.files.map(({ cell }) => cell),
      ['C2', 'C10'],
    );
    const played = readingsOf(await collect(source)).map((r) => [r.value.measurements[0]?.value, r.due]);
    // The row with an earlier time is due together with the row before it.
    assert.deepEqual(played, [
      [1, 0],
      [4, 0],
      [5, 3000],
      [2, 4000],
      [3, 4000],
      [6, 9000],
    ]);
  });

  it('counts problems with file, line and remedy, and continues', async () => {
    const problems: InputProblem[] = [];
    const path = await file(
      'C1.csv',
      'at;X;Y;bad;odd',
      '2026-01-01 06:00:00;1;1;0;',
      '2026-01-01 06:00:01;one;1;0;',
      'yesterday;1;1;0;',
      '2026-01-01 06:00:03;1',
      '',
      '2026-01-01 06:00:05;"1;1;0;',
      '2026-01-01 06:00:05;1"2;1;0;',
      '2026-01-01 06:00:06;"1";1;maybe;',
      '2026-01-01 06:00:07;1,5;nan;0;',
    );
    const source = await open(path, (problem) => problems.push(problem));
    const all = readingsOf(await collect(source));
    assert.deepEqual(
      all.map((record) => [record.value.sequence, record.value.measurements[0]?.value]),
      [
        [1, 1],
        [2, null],
        [8, 1],
        [9, null],
      ],
    );
    assert.deepEqual(all[1]?.value.measurements[0], { tag: 'X', value: null, quality: 'BAD' });
    assert.ok(Number.isNaN(all[3]?.value.measurements[1]?.value));
    assert.deepEqual(source.counts(), {
      'unknown-column': 1,
      'malformed-row': 4, // no time, cut off, two with a stray quote
      'malformed-cell': 2,
      'malformed-label': 1,
    });
    const told = source.malformed?.();
    assert.deepEqual(told?.['malformed-cell'], {
      count: 2,
      example: `${path}:3 column "X": "one" is not a number`,
    });
    assert.equal(told['malformed-row']?.count, 4);
    await collect(source);
    assert.deepEqual(source.malformed?.(), told, 'counted anew each time');
    const cell = problems.find((problem) => problem.reason === 'malformed-cell');
    assert.deepEqual([cell?.place, cell?.what], [`${path}:3`, 'column "X": "one" is not a number']);
    const row = problems.find((problem) => problem.place === `${path}:4`);
    assert.deepEqual(
      [row?.reason, row?.what],
      ['malformed-row', '"yesterday" is not a time as YYYY-MM-DD HH:MM:SS[.sss]'],
    );
    assert.ok(problems.every(({ remedy }) => remedy.length > 10));
  });

  it('survives any bytes', async () => {
    const path = join(folder, 'C1.csv');
    const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3)) % 256));
    await writeFile(path, Buffer.concat([Buffer.from('at;X;Y;bad\n2026-01-01 06:00:00;1;1;0\n'), noise]));
    const source = await open(path);
    assert.equal(readingsOf(await collect(source)).length, 1);
    assert.ok((source.counts()['malformed-row'] ?? 0) > 0);
  });

  it('reads files longer than its buffers, in order, and more of them than it keeps open', async () => {
    const row = (i: number) =>
      `${new Date(at('06:00:00') + i * 1000).toISOString().slice(0, 19).replace('T', ' ')};${i % 50};1;0`;
    await file('long.csv', 'at;X;Y;bad', ...Array.from({ length: 20_000 }, (_, i) => row(i)));
    for (let i = 0; i < 80; i++) await file(`short${i}.csv`, 'at;X;Y;bad', row(0), row(1));
    const all = readingsOf(await collect(await open(join(folder, '*.csv'))));
    assert.equal(all.length, 20_160);
    const long = all.filter((record) => record.value.asset.endsWith('/long'));
    long.forEach((record, i) => {
      assert.equal(record.value.sequence, i + 1);
    });
    all.forEach((record, i) => {
      assert.ok(record.due >= (all[i - 1]?.due ?? 0));
    });
  });

  it('closes its files when reading stops', async () => {
    const path = await file(
      'C1.csv',
      'at;X;Y;bad',
      ...Array.from({ length: 5000 }, () => '2026-01-01 06:00:00;1;1;0'),
    );
    for await (const batch of await open(path)) {
      assert.ok(batch.length > 0);
      break;
    }
  });

  it('refuses a file that does not match the definition before anything is replayed', async () => {
    const missing = await file('C1.csv', 'at;X;Z', '2026-01-01 06:00:00;1;1');
    await assert.rejects(open(missing), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'INPUT');
      assert.match(error.message, /C1\.csv:1 column "Y" \(tag Y\) is missing\. The file has: at, X, Z\./);
      return true;
    });
    await assert.rejects(open(await file('C2.csv', 'at;X;Y;Y')), /"Y" appears twice/);
    await assert.rejects(open(await file('C3.csv', 'at;X;Y')), /label column "bad"/);
    await assert.rejects(open(join(folder, 'none*.csv')), /no file matches/);
    await file('x/C1.csv', 'at;X;Y;bad');
    await assert.rejects(open([missing, join(folder, 'x', 'C1.csv')]), /are both the cell "C1"/);
    await writeFile(join(folder, 'empty.csv'), '');
    await assert.rejects(open(join(folder, 'empty.csv')), /is empty/);
    const silent = { ...definition, csv: undefined };
    await assert.rejects(createCsvSource({ definition: silent, files: [missing] }), { code: 'DEFINITION' });
  });
});

describe('sources/csv on the pump rig', () => {
  const root = resolve(import.meta.dirname, '../../..');
  const data = process.env['CASTWATCH_DATA'] ?? join(root, '..', 'shared', 'data');

  it('parses all 35 files of the benchmark, every row', async function () {
    if (!existsSync(join(data, 'skab'))) {
      process.stdout.write(`      skipped: no skab folder in ${data}; set CASTWATCH_DATA\n`);
      this.skip();
    }
    const rig = loadDefinition(join(root, 'processes/pump-rig.yaml'));
    const source = await createCsvSource({ definition: rig, files: [join(data, 'skab', '*', '*.csv')] });
    assert.equal(source.files.length, 35);
    const rows = { 'anomaly-free': 0, valve1: 0, valve2: 0, other: 0 };
    const faulty = { 'anomaly-free': 0, valve1: 0, valve2: 0, other: 0 };
    const sequences = new Map<string, number>();
    for await (const batch of source)
      for (const { topic, value } of batch) {
        if (value === null || topic === 'mesEvents') continue;
        const cell = value.asset.slice(value.asset.lastIndexOf('/') + 1);
        const run = cell.slice(0, cell.lastIndexOf('-')) as keyof typeof rows;
        const group = cell.startsWith('anomaly-free') ? 'anomaly-free' : run;
        if ('measurements' in value) {
          rows[group]++;
          assert.equal(value.sequence, (sequences.get(cell) ?? 0) + 1);
          sequences.set(cell, value.sequence);
          assert.ok(value.measurements.every((measurement) => measurement.value !== null));
        } else faulty[group] += value.value;
      }
    // as the data set's own description counts them
    assert.deepEqual(rows, { 'anomaly-free': 9405, valve1: 18160, valve2: 4312, other: 14929 });
    assert.deepEqual(faulty, { 'anomaly-free': 0, valve1: 6309, valve2: 1517, other: 5241 });
    assert.deepEqual(source.counts(), {});
  });
});
