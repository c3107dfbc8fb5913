import assert from 'node:assert/strict';
import fc from 'fast-check';
import { featureNames } from '../../../processes/plant.ts';
import { type Histogram } from '../../../processors/reference/histogram.ts';
import { binRow, type Reference } from '../../../processors/reference/reference.ts';
import { driftStateCodec } from '../../../processors/drift/state.ts';
import { driftStep } from '../../../processors/drift/step.ts';
import type { BinnedRow, DriftReport } from '../../../schemas/generated/types.ts';
import { processorContract } from '../contract.ts';
import { asset, outputs, record, runStep, small, smallWith, start } from '../support.ts';

const tenths: Histogram = {
  edges: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((tenth) => tenth / 10),
  shares: [...Array<number>(10).fill(0.1), 0],
};
const features = featureNames(small).length;
const reference: Reference = {
  rows: 5_000,
  features: Array<Histogram>(features).fill(tenths),
  score: tenths,
};
const hours = 3_600_000;

const definition = smallWith(() => ({ drift: { window: 2 * hours, hop: hours, warnAbove: 0.25 } }));
const references = new Map([
  ['b1', reference],
  ['b2', reference],
]);
const step = driftStep(definition, (bundle) => references.get(bundle));

/** @param value computes all features and the probability from the row's number */
const rows = (
  count: number,
  value: (index: number) => number,
  change: Partial<BinnedRow> = {},
  from = 0,
): BinnedRow[] =>
  Array.from({ length: count }, (_, place) => {
    const index = from + place;
    const probability = value(index);
    const values = Array<number>(features).fill(probability);
    const eventTime = start + 5_000 * (index + 1);
    return { asset, eventTime, bundle: 'b1', probability, bins: binRow(reference, asset, values), ...change };
  });

const reports = (list: readonly BinnedRow[]): readonly DriftReport[] =>
  outputs(
    runStep(
      step,
      list.map((value) => record({ from: 'rows', value })),
    ),
    'drift',
  );

/** Values distributed like the training rows. */
const even = (index: number): number => ((index * 7) % 10) / 10 + 0.05;
const perHour = 720;

describe('drift: step', () => {
  it('reports each hop, for the window that ends there', () => {
    const found = reports(rows(3 * perHour + 1, even));
    assert.deepEqual(
      found.map(({ eventTime, from, rows }) => [(eventTime - start) / hours, (from - start) / hours, rows]),
      [
        [1, -1, perHour],
        [2, 0, 2 * perHour],
        [3, 1, 2 * perHour],
      ],
    );
  });

  it('finds no drift in rows like the training rows', () => {
    const [first] = reports(rows(perHour + 1, even));
    assert.equal(first?.status, 'OK');
    assert.ok((first.score ?? 1) < 0.001 && (first.worst ?? 1) < 0.001);
    assert.equal(first.drifted, 0);
    assert.equal(first.psi.length, features);
  });

  it('finds what has moved, and says so in plant words and units', () => {
    const moved = featureNames(small).indexOf('A.mean.long');
    const list = rows(perHour + 1, even).map((row, index) => {
      const bins = Buffer.from(row.bins);
      if (index % 2 === 0) bins[moved] = 9;
      return { ...row, bins };
    });
    const [first] = reports(list);
    assert.equal(first?.drifted, 1);
    assert.ok((first.worst ?? 0) > 0.25 && (first.score ?? 1) < 0.001);
    assert.equal(first.psi.indexOf(first.worst ?? NaN), moved);
    const [strongest] = first.strongest;
    assert.equal(strongest?.feature, 'A.mean.long');
    assert.match(strongest.text, /^signal a average over 20 s: 60 % of values above 0\.9 mm, usually 10 %$/);
  });

  it('finds that the probability has moved', () => {
    const [first] = reports(rows(perHour + 1, even).map((row) => ({ ...row, probability: 0.97 })));
    assert.ok((first?.score ?? 0) > 1);
    assert.equal(
      first?.strongest[0]?.text,
      'probability of bad part: 100 % of values above 90 %, usually 10 %',
    );
  });

  it('reports missing values when training had none', () => {
    const list = rows(perHour + 1, even).map((row) => ({
      ...row,
      bins: Buffer.from(row.bins).fill(10, 0, 1),
    }));
    assert.match(reports(list)[0]?.strongest[0]?.text ?? '', /: 100 % of values missing, usually 0 %$/);
  });

  it('gives no numbers for few rows, and says how many it needs', () => {
    const [first] = reports([...rows(100, even), ...rows(1, even, {}, perHour)]);
    assert.equal(first?.status, 'TOO_FEW_ROWS');
    assert.deepEqual([first.score, first.worst, first.psi.length], [null, null, 0]);
    // 10 ÷ 0.125 = 80 stretches of 20 s, that is 320 rows
    assert.match(
      first.reason ?? '',
      /^the window has 100 rows, each of which looks back 20 s; it needs 320 to distinguish an index of 0.25 from chance/,
    );
    assert.equal(reports([...rows(320, even), ...rows(1, even, {}, perHour)])[0]?.status, 'OK');
  });

  it('compares an asset with its own past when training knew it', () => {
    const own: Histogram = { edges: [0.5], shares: [0.9, 0.1, 0] };
    const known = { ...reference, assets: { [asset]: Array<Histogram>(features).fill(own) } };
    const list = rows(perHour + 1, even).map((row, index) => ({
      ...row,
      bins: binRow(known, asset, Array<number>(features).fill(index % 10 === 0 ? 0.7 : 0.2)),
    }));
    const records = list.map((value) => record({ from: 'rows' as const, value }));
    const [first] = outputs(
      runStep(
        driftStep(definition, () => known),
        records,
      ),
      'drift',
    );
    assert.equal(first?.status, 'OK');
    assert.ok((first.worst ?? 1) < 0.01, String(first.worst));
  });

  it('says so when the bundle has no reference', () => {
    const [first] = reports(rows(perHour + 1, even, { bundle: 'old', bins: Buffer.alloc(0) }));
    assert.equal(first?.status, 'NO_REFERENCE');
    assert.match(first.reason ?? '', /bundle old has no reference/);
    assert.equal(first.rows, perHour);
  });

  it('starts again with another bundle, and reports the rows of the bundle before', () => {
    const list = [...rows(500, even), ...rows(perHour, () => 0.95, { bundle: 'b2' }, 500)];
    const found = reports(list);
    assert.deepEqual(
      found.map(({ bundle, rows, eventTime }) => [bundle, rows, (eventTime - start) / 5_000]),
      [
        ['b1', 500, 500],
        ['b2', 220, 720],
      ],
    );
    assert.ok((found[0]?.worst ?? 1) < 0.01);
  });

  it('leaves out gaps, and rows older than the window', () => {
    const found = reports([...rows(perHour, even), ...rows(perHour + 1, even, {}, 10 * perHour)]);
    assert.deepEqual(
      found.map(({ eventTime, rows }) => [(eventTime - start) / hours, rows]),
      [
        [1, perHour],
        [11, perHour],
      ],
    );
  });

  it('drops a row that is not later than the last one', () => {
    const [row] = rows(1, even);
    assert.ok(row);
    const outcomes = runStep(
      step,
      [row, row].map((value) => record({ from: 'rows', value })),
    );
    assert.deepEqual(outcomes[1], { kind: 'drop', reason: 'OUT_OF_ORDER' });
  });
});

const anyRow = fc.record({
  key: fc.constantFrom(asset, 'E/S/A/L/C2'),
  minutes: fc.integer({ min: -10, max: 90 }),
  bundle: fc.constantFrom('b1', 'b1', 'b1', 'b2', 'old'),
  probability: fc.double({ min: 0, max: 1, noNaN: true }),
  bin: fc.nat(12),
});

processorContract({
  step: driftStep(
    smallWith(() => ({ drift: { window: 2 * hours, hop: hours, warnAbove: 50 } })),
    (bundle) => references.get(bundle),
  ),
  codec: driftStateCodec(),
  records: fc.array(anyRow, { maxLength: 60 }).map((list) => {
    let time = start;
    return list.map(({ key, minutes, bundle, probability, bin }, offset) => {
      time += minutes * 60_000;
      const bins = bundle === 'old' ? Buffer.alloc(0) : Buffer.alloc(features, bin);
      const value: BinnedRow = { asset: key, eventTime: time, bundle, probability, bins };
      return record({ from: 'rows', value }, { offset });
    });
  }),
});
