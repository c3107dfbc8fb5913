import assert from 'node:assert/strict';
import { collectDataset } from '../../../models/data/collect-dataset.ts';
import { createDatasetBuilder } from '../../../models/data/labelled-dataset.ts';
import { at, rowOf } from '../../../models/numbers/matrix.ts';
import type { FeatureRow, QualityLabel } from '../../../schemas/generated/types.ts';
import { CastwatchError } from '../../../base/errors.ts';
import { history, smallDataset, smallPlant } from '../small-plant.ts';

const row = (asset: string, eventTime: number, value: number, completeness = 1): FeatureRow => ({
  asset,
  eventTime,
  featureSet: 'x',
  values: [value, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Number.NaN],
  sequence: Buffer.from(new Float32Array(24).fill(value).buffer),
  completeness,
  repaired: 0,
  piece: {},
});

const label = (
  asset: string,
  eventTime: number,
  until: number,
  value: number,
  target = 'defect',
): QualityLabel => ({
  asset,
  eventTime,
  until,
  target,
  value,
  defect: null,
  piece: {},
  source: 'test',
  foundAt: until,
});

/** Rows that end at 5 s and 10 s on two assets; spans of 5 s. */
const rows = [
  row('a', 5000, 1),
  row('a', 10_000, 2),
  row('b', 5000, 3),
  row('b', 10_000, 4),
  row('b', 15_000, 5, 0.1),
];
const labels = [
  label('a', 0, 5000, 0),
  label('a', 5000, 10_000, 1),
  label('b', 0, 5000, 1),
  label('b', 0, 5000, 0, 'another target'),
];

function build(someRows: readonly FeatureRow[], someLabels: readonly QualityLabel[]) {
  const builder = createDatasetBuilder(smallPlant);
  someRows.forEach((each) => {
    builder.row(each);
  });
  someLabels.forEach((each) => {
    builder.label(each);
  });
  return builder.build();
}

describe('a data set', () => {
  it('joins each row with the span that its hop ends in', () => {
    const dataset = build(rows, labels);
    const seen = Array.from(dataset.labels, (value, i) => [rowOf(dataset.features, i)[0], value]);
    assert.deepEqual(seen, [
      [1, 0],
      [3, 1],
      [2, 1],
    ]);
    assert.deepEqual(dataset.assets, ['a', 'b']);
    assert.equal(at(dataset.sequences?.data ?? [], 24), 3);
  });

  it('has the kind of defect and the time of finding for each row, which do not change its id', () => {
    const found = labels.map((each) => (each.value === 1 ? { ...each, defect: 'crack' } : each));
    const { facts, id } = build(rows, found);
    assert.deepEqual(facts.defect, { names: ['crack'], of: Int32Array.of(-1, 0, 0) });
    assert.deepEqual(facts.foundAt, Float64Array.of(5000, 5000, 10_000));
    assert.equal(id, build(rows, labels).id);
  });

  it('counts what it leaves out', () => {
    assert.deepEqual(build(rows, labels).leftOut, {
      'completeness below the target’s least': 1,
      'no label': 1,
    });
  });

  it('is the same, with the same id, for any order of the history', () => {
    const [one, other] = [build(rows, labels), build(rows.toReversed(), labels.toReversed())];
    assert.equal(one.id, other.id);
    assert.deepEqual(one.features, other.features);
  });

  it('has another id when one value or one label differs', () => {
    const ids = [
      build(rows, labels).id,
      build([row('a', 5000, 1.5), ...rows.slice(1)], labels).id,
      build(rows, [...labels.slice(0, 1), label('a', 5000, 10_000, 0), ...labels.slice(2)]).id,
    ];
    assert.equal(new Set(ids).size, 3);
  });

  it('refuses a history with one outcome only, and says so', () => {
    assert.throws(
      () => build(rows, [label('a', 0, 20_000, 0)]),
      (error) => error instanceof CastwatchError && error.code === 'INPUT' && error.message.includes('small'),
    );
  });

  it('says what happened to a history without any rows left', async () => {
    const malformed = { 'malformed-row': { count: 812, example: 'a.csv:4 "soon" is not a time' } };
    const late = [...history(1, 1, 5)].map((batch) =>
      batch.map((record) =>
        record.topic === 'sensorReadings' && record.value !== null
          ? { ...record, value: { ...record.value, eventTime: record.timestamp + 3_600_000 } }
          : record,
      ),
    );
    await assert.rejects(
      collectDataset({
        definition: smallPlant,
        records: Object.assign(late, { malformed: () => malformed }),
      }),
      (error) => {
        assert.ok(error instanceof CastwatchError);
        assert.match(error.message, /has 0 labelled rows/);
        assert.match(error.message, /not readable: 812 malformed-row, such as a\.csv:4 "soon" is not a time/);
        assert.match(error.message, /dropped by validation: \d+ FUTURE/);
        assert.match(error.remedy ?? '', /Fix the files or the process definition/);
        return true;
      },
    );
  });

  it('is the same when the serving steps make it twice', async () => {
    const [one, other] = [await smallDataset(2, 10), await smallDataset(2, 10)];
    assert.equal(one.id, other.id);
    assert.ok(one.labels.length > 200);
    assert.equal(one.features.columns, 12);
  });
});

describe('a data set whose target has classes', () => {
  const target = { ...smallPlant.target, classes: ['none', 'crack', 'hole'], warnOf: ['hole'] };
  const plant = { ...smallPlant, target };
  const builder = () => createDatasetBuilder(plant);

  it('has the class of each row, and counts the classes to warn of as positive', () => {
    const some = builder();
    for (const each of rows.slice(0, 4)) some.row(each);
    some.label(label('a', 0, 5000, 0));
    some.label({ ...label('a', 5000, 10_000, 1), defect: 'crack' });
    some.label({ ...label('b', 0, 5000, 1), defect: 'hole' });
    some.label({ ...label('b', 5000, 10_000, 1), defect: 'dent' });
    const dataset = some.build();
    assert.deepEqual(dataset.classes, { names: ['none', 'crack', 'hole'], of: Int32Array.of(0, 2, 1) });
    assert.deepEqual(dataset.labels, Float32Array.of(0, 1, 0));
    assert.deepEqual(dataset.leftOut, { 'no label': 1 });
    assert.match(dataset.malformed?.['malformed-label-value']?.example ?? '', /defect dent is not a class/);
  });
});

describe('labels whose value means nothing', () => {
  it('are left out, and counted with the first example; NaN is unknown', () => {
    const known = build(rows, labels);
    const odd = [-1, 2, 0.4, Infinity].map((value, nth) => label('a', 2_000 + nth, 9_000, value));
    const dataset = build(rows, [...labels, ...odd, label('a', 1_000, 10_000, NaN)]);
    assert.equal(dataset.id, known.id);
    assert.deepEqual(known.malformed, undefined);
    assert.deepEqual(dataset.malformed, {
      'malformed-label-value': {
        count: 4,
        example: 'the label of test for a at 1970-01-01T00:00:02.000Z: its value is -1, not 0 or 1',
      },
    });
  });
});
