import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDefinition } from '../../../processes/load.ts';
import type { ProcessDefinition } from '../../../processes/schema.ts';
import { createCsvSource } from '../../../sources/csv/csv.ts';
import type { InputProblem } from '../../../sources/input-problems.ts';
import { collect, readingsOf } from '../plants.ts';

const plant = (target: string, csv: string, cells = 'any', windows = '{ w: 1s }'): ProcessDefinition =>
  parseDefinition(
    `
process: shapes
title: Shapes of files
hierarchy: { enterprise: E, site: S, area: A, line: L }
cells: ${cells}
time: { period: 1s, grace: 0s, ahead: 10s }
tags:
  - { id: X, title: x, unit: mm, range: [-100, 100], normal: [-1, 1] }
features: { hop: 1s, windows: ${windows}, rules: [{ tags: '*', windows: [w], statistics: [last] }] }
target: { id: kind, title: kind, cost: { miss: 10, falseAlarm: 1 }, ${target} }
csv: { ${csv} }
`,
    'shapes.yaml',
  );

const classes = 'classes: [none, crack, hole], warnOf: [crack]';

describe('files of other shapes', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castwatch-shapes-'));
  });
  after(() => rm(folder, { recursive: true }));

  const problems: InputProblem[] = [];
  beforeEach(() => problems.splice(0));
  async function read(definition: ProcessDefinition, ...lines: string[]) {
    const path = join(folder, 'f.csv');
    await writeFile(path, `${lines.join('\n')}\n`);
    const source = await createCsvSource({
      definition,
      files: [path],
      onProblem: (each) => problems.push(each),
    });
    const all = await collect(source);
    const labels = all.flatMap(({ topic, value }) =>
      topic === 'qualityLabels' ? [[value.value, value.defect]] : [],
    );
    return { all, labels, readings: readingsOf(all).map(({ value }) => value) };
  }

  it('may have no header and no time: the rows are one period apart', async () => {
    const definition = plant('about: row', "delimiter: '|', cell: '{file}', header: [X, kind], label: kind");
    const { readings, labels } = await read(definition, '1|0', '2|1');
    const start = Date.UTC(2000, 0, 1);
    assert.deepEqual(
      readings.map(({ asset, eventTime, sequence, measurements }) => [
        asset,
        eventTime - start,
        sequence,
        measurements[0]?.value,
      ]),
      [
        ['E/S/A/L/f', 0, 1, 1],
        ['E/S/A/L/f', 1000, 2, 2],
      ],
    );
    assert.deepEqual(labels, [
      [0, null],
      [1, null],
    ]);
  });

  it('may name the class in a column; none means found good', async () => {
    const definition = plant(`about: row, ${classes}`, "cell: '{file}', label: kind");
    const { labels } = await read(definition, 'X,kind', '1,crack', '2,none', '3,', '4,dent');
    assert.deepEqual(labels, [
      [1, 'crack'],
      [0, null],
    ]);
    assert.deepEqual(
      problems.map(({ reason, place, what }) => [reason, place.split(':').at(-1), what]),
      [['malformed-label', '5', '"dent" is not a class of the target']],
    );
  });

  it('may have labels 0 and 1, or values that the definition declares; other values are malformed', async () => {
    const values = ['0', '1', '-1', '2', '0.4', 'Infinity', 'nan', ''];
    const lines = ['X,kind', ...values.map((value) => `1,${value}`)];
    const plain = await read(plant('about: row', "cell: '{file}', label: kind"), ...lines);
    assert.deepEqual(plain.labels, [
      [0, null],
      [1, null],
    ]);
    assert.deepEqual(
      problems.map(({ reason, place }) => [reason, place.split(':').at(-1)]),
      ['4', '5', '6', '7'].map((line) => ['malformed-label', line]),
    );
    problems.splice(0);
    const declared = plant('about: row, labels: { -1: 0, 1: 1, 2: null }', "cell: '{file}', label: kind");
    assert.deepEqual((await read(declared, ...lines)).labels, [
      [1, null],
      [0, null],
    ]);
    assert.deepEqual(
      problems.map(({ place }) => place.split(':').at(-1)),
      ['2', '6', '7'],
    );
  });

  it('may have a column for each class, of which one is 1', async () => {
    const definition = plant(`about: row, ${classes}`, "cell: '{file}', label: [crack, hole]");
    const { labels } = await read(definition, 'X,crack,hole', '1,0,1', '2,1,0', '3,1,1', '4,,', '5,2,0');
    assert.deepEqual(labels, [
      [1, 'hole'],
      [1, 'crack'],
    ]);
    assert.deepEqual(
      problems.map(({ what }) => what),
      ['2 of the columns crack, hole are 1', 'column "crack": "2" is not 0 or 1'],
    );
  });

  it('may contain several cells, named by a column', async () => {
    const definition = plant(
      'about: time',
      "cell: 'M{machine}', time: { column: at, format: epoch-s }, label: kind",
      '[M1, M2]',
    );
    const { readings } = await read(
      definition,
      'at,machine,X,kind',
      '100,1,5,0',
      '100,2,6,0',
      '101,1,7,1',
      '101,3,8,1',
    );
    assert.deepEqual(
      readings.map(({ asset, measurements }) => [asset, measurements[0]?.value]),
      [
        ['E/S/A/L/M1', 5],
        ['E/S/A/L/M2', 6],
        ['E/S/A/L/M1', 7],
      ],
    );
    assert.deepEqual(
      problems.map(({ what }) => what),
      ['the definition has no cell "M3"'],
    );
  });

  it('may have cells padded with NUL, as strings of fixed length are; NUL inside a name is refused', async () => {
    const definition = plant('about: row', "cell: '{machine}', label: kind");
    const { readings, labels } = await read(
      definition,
      'machine,X,kind',
      'M1\0\0,5\0,0',
      'M\u00001,6,1',
      'M1,7,1',
    );
    assert.deepEqual(
      readings.map(({ asset, source, measurements }) => [asset, source, measurements[0]?.value]),
      [
        ['E/S/A/L/M1', 'csv:M1', 5],
        ['E/S/A/L/M1', 'csv:M1', 7],
      ],
    );
    assert.equal(labels.length, 2);
    assert.deepEqual(
      problems.map(({ reason, place, what }) => [reason, place.split(':').at(-1), what]),
      [
        ['padded-text', '2', '2 cells end in NUL, which is cut'],
        ['malformed-row', '3', "the cell's name contains NUL (U+0000), and not only at its end"],
      ],
    );
  });

  it('are refused, with every contradiction, when the definition is invalid', () => {
    const wrong = (target: string, csv: string, windows?: string) => () => plant(target, csv, 'any', windows);
    assert.throws(
      wrong('about: time', "cell: '{file}', label: kind"),
      /has no time, but the target is about time/,
    );
    assert.throws(
      wrong('about: row', "cell: '{file}'", '{ w: 5s }'),
      /windows.w: .* a window must be one period long/,
    );
    assert.throws(wrong('about: row, classes: [a, b]', "cell: '{file}'"), /needs warnOf/);
    assert.throws(wrong('about: row, classes: [a, b], warnOf: [c]', "cell: '{file}'"), /there is no class c/);
    assert.throws(
      wrong('about: row, classes: [a, b], warnOf: [a, b]', "cell: '{file}'"),
      /always be a warning/,
    );
    assert.throws(wrong('about: row', "cell: '{file}', label: [a, b]"), /target.classes is missing/);
  });
});
