import assert from 'node:assert/strict';
import fc from 'fast-check';
import { featureNames } from '../../../processes/plant.ts';
import { featuresStep, type FeaturesInput, type FeaturesOutput } from '../../../processors/features/step.ts';
import type { FeatureRow, ValidatedReading } from '../../../schemas/generated/types.ts';
import type { Outcome, StepRecord } from '../../../stream/index.ts';
import { featuresStateCodec } from '../../../processors/features/state.ts';
import { random } from '../untidy.ts';
import { seed } from '../../support/seed.ts';
import {
  mesEvent,
  outputs,
  reasons,
  record,
  runStep,
  small,
  start,
  validated,
  type Scan,
} from '../support.ts';

const step = featuresStep(small);
const names = featureNames(small);
const asRecord = (scan: Scan): StepRecord<FeaturesInput> =>
  record({ from: 'readings', value: validated(scan) });
const run = (scans: readonly Scan[]): readonly Outcome<FeaturesOutput>[] =>
  runStep(step, scans.map(asRecord));
const rowsOf = (outcomes: readonly Outcome<FeaturesOutput>[]): readonly FeatureRow[] =>
  outputs(outcomes, 'features');
const valueOf = (row: FeatureRow | undefined, name: string): number =>
  row?.values[names.indexOf(name)] ?? NaN;
const secondsOf = (rows: readonly FeatureRow[]): readonly number[] =>
  rows.map(({ eventTime }) => (eventTime - start) / 1_000);
const ramp = (from: number, to: number): Scan[] =>
  Array.from({ length: to - from }, (_, index) => ({
    at: from + index,
    values: { A: from + index, B: 50, C: 1.5 },
  }));

describe('features: rows', () => {
  it('come when the watermark has passed their end, not before', () => {
    const outcomes = run(ramp(0, 16)); // the last reading is of second 15, the grace 5 s
    assert.deepEqual(secondsOf(rowsOf(outcomes)), [5, 10]);
    assert.equal(rowsOf(outcomes.slice(0, 10)).length, 0);
    assert.equal(rowsOf(outcomes.slice(0, 11)).length, 1);
  });

  it('cover their windows up to the end, exclusively', () => {
    const [, second] = rowsOf(run(ramp(0, 16)));
    assert.equal(valueOf(second, 'A.min.short'), 5);
    assert.equal(valueOf(second, 'A.max.short'), 9);
    assert.equal(valueOf(second, 'A.mean.long'), 4.5);
    assert.equal(valueOf(second, 'A.slope.short'), 1);
    assert.equal(valueOf(second, 'A.missing.long'), 0.5);
    assert.equal(valueOf(second, 'A.outOfBand.short'), 5);
  });

  it('combine features and tags', () => {
    const last = rowsOf(run(ramp(0, 30))).at(-1);
    const [a, b] = [valueOf(last, 'A.mean.long'), valueOf(last, 'B.mean.long')];
    assert.equal(valueOf(last, 'AB'), a * b);
    assert.equal(valueOf(last, 'AperB'), a / b);
    assert.equal(valueOf(last, 'AlessB'), a * b - b);
    assert.ok(Number.isNaN(valueOf(last, 'AwithB'))); // B stands still
  });

  it('carry the sequence in units of the normal band, oldest first, missing as NaN', () => {
    const scans = ramp(0, 16).map((scan) =>
      scan.at === 9 ? { ...scan, values: { A: null, B: 100 } } : scan,
    );
    const { sequence } = rowsOf(run(scans))[1] ?? {};
    const numbers = Array.from({ length: 10 }, (_, index) => sequence?.readFloatLE(4 * index));
    // Steps of 2 s; A has the middle 50 and the half width 10, B 50 and 50. Step 8–9 takes A of second 8.
    const A = [1, 3, 5, 7, 8].map((value) => Math.fround((value - 50) / 10));
    assert.deepEqual(numbers, [A[0], 0, A[1], 0, A[2], 0, A[3], 0, A[4], 1]);
    const early = rowsOf(run(ramp(0, 16)))[0]?.sequence;
    assert.ok(Number.isNaN(early?.readFloatLE(0)));
  });

  it('say how much of the longest window is there, and how much of it was repaired', () => {
    const scans = ramp(0, 27).map((scan) =>
      scan.at % 4 === 0 ? { ...scan, values: { ...scan.values, A: null } } : scan,
    );
    const row = rowsOf(run(scans)).at(-1);
    assert.equal(row?.eventTime, start + 20_000);
    assert.equal(row.completeness, 35 / 40);
    assert.equal(row.repaired, 5 / 40);
  });

  it('count a held value as repaired, and not as complete', () => {
    const held = validated({ at: 12, values: { A: 5, B: 50 } });
    const measurements = held.measurements.map((each) =>
      each.tag === 'A'
        ? { ...each, quality: 'UNCERTAIN' as const, treatment: 'HELD' as const, reason: 'ABSENT' as const }
        : each,
    );
    const records = ramp(0, 27).map((scan) =>
      scan.at === 12
        ? record({ from: 'readings' as const, value: { ...held, measurements } })
        : asRecord(scan),
    );
    const last = rowsOf(runStep(step, records)).at(-1);
    assert.equal(last?.completeness, 39 / 40);
    assert.equal(last.repaired, 1 - 39 / 40);
    assert.equal(valueOf(last, 'A.missing.long'), 0);
    assert.equal(valueOf(last, 'A.min.short'), 15);
  });

  it('are left out while the longest window is empty, and start again after the gap', () => {
    const outcomes = run([...ramp(0, 10), ...ramp(1_000, 1_020)]);
    const seconds = secondsOf(rowsOf(outcomes));
    assert.deepEqual(seconds, [5, 10, 15, 20, 25, 1_005, 1_010]);
  });
});

describe('features: disorder', () => {
  const stream = fc
    .array(
      fc.record({
        gap: fc.integer({ min: 1, max: 9 }),
        A: fc.option(fc.double({ min: 0, max: 200, noNaN: true })),
        B: fc.double({ min: 0, max: 100, noNaN: true }),
        delay: fc.integer({ min: 0, max: 5 }),
      }),
      { minLength: 1, maxLength: 60 },
    )
    .map((drawn) => {
      let at = 0;
      return drawn.map(({ gap, A, B, delay }) => ({
        scan: { at: (at += gap > 6 ? gap * 4 : 1), values: { A, B } },
        delay,
      }));
    });
  const end: Scan = { at: 100_000, values: { A: 1, B: 1 } };

  it('within the grace period does not change the rows', () => {
    fc.assert(
      fc.property(stream, (drawn) => {
        const clean = drawn.map(({ scan }) => scan);
        const arrival = drawn
          .toSorted((a, b) => a.scan.at + a.delay - (b.scan.at + b.delay))
          .map(({ scan }) => scan);
        assert.deepEqual(rowsOf(run([...arrival, end])), rowsOf(run([...clean, end])));
      }),
      { seed },
    );
  });

  it('of two readings in one period counts the later, in any order of arrival, and says so', () => {
    const first: Scan = { at: 3.2, sequence: 1, values: { A: 1, B: 1 } };
    const second: Scan = { at: 3.7, sequence: 2, values: { A: 2, B: 2 } };
    const [forth, back] = [run([first, second, end]), run([second, first, end])];
    assert.deepEqual(rowsOf(forth), rowsOf(back));
    assert.equal(valueOf(rowsOf(forth)[0], 'A.mean.short'), 2);
    for (const outcomes of [forth, back]) {
      const [rejected] = outputs(outcomes, 'rejected');
      assert.deepEqual([rejected?.sequence, rejected?.dropped, rejected?.inputOffset], [1, true, -1]);
    }
  });

  it('of two readings at one time counts the higher sequence number, and for equal numbers the later source name', () => {
    const orders = (first: Scan, second: Scan) => [run([first, second, end]), run([second, first, end])];
    const [one, two] = [
      { at: 3, sequence: 1, values: { A: 1, B: 1 } },
      { at: 3, sequence: 2, values: { A: 2, B: 2 } },
    ];
    for (const outcomes of orders(one, two)) assert.equal(valueOf(rowsOf(outcomes)[0], 'A.mean.short'), 2);
    for (const outcomes of orders({ ...one, source: 'b' }, { ...two, sequence: 1, source: 'a' }))
      assert.equal(valueOf(rowsOf(outcomes)[0], 'A.mean.short'), 1);
  });

  it('beyond the grace period is rejected as late, as validate would do', () => {
    const outcomes = run([...ramp(0, 30), { at: 3, sequence: 99, values: { A: 1, B: 1 } }]);
    assert.deepEqual(reasons(outputs(outcomes, 'rejected')), ['- LATE DROPPED']);
  });
});

describe('features: scans that are not exactly on the grid', () => {
  /** Scans at a phase of the period, each a little early or late. @returns rows and dropped readings, without the first and last rows */
  function play(phase: number, jitter: number, scans = 400, drift = 0) {
    const draw = random(seed);
    const list = Array.from({ length: scans }, (_, index): Scan => {
      const at = (1_000 * (index + phase) + drift * index + jitter * (2 * draw() - 1)) / 1_000;
      return { at: Math.round(1_000 * at) / 1_000, sequence: index, values: { A: index, B: 50 } };
    });
    const outcomes = run(list);
    return { rows: rowsOf(outcomes).slice(4, -1), dropped: outputs(outcomes, 'rejected').length };
  }

  for (const phase of [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.998])
    it(`keep every scan at ${phase} of a period, 5 ms early or late`, () => {
      const { rows, dropped } = play(phase, 5);
      // A phase on the edge of two phases settles with the first scans.
      assert.ok(dropped <= (phase === 0.75 ? 1 : 0), `${dropped} dropped`);
      assert.ok(rows.length > 60);
      assert.deepEqual(new Set(rows.slice(4).map(({ completeness }) => completeness)), new Set([1]));
    });

  it('keep every scan on the second that is a fifth of a period early or late', () => {
    assert.equal(play(0, 200).dropped, 0);
    assert.equal(play(0.5, 200).dropped, 0);
  });

  it('lose one scan for each period that a slow or fast clock goes through', () => {
    // 1 ms a scan: two periods in 2,000 scans.
    for (const drift of [1, -1]) assert.ok(play(0.5, 5, 2_000, drift).dropped <= 4);
  });

  it('give the same rows in any order within the grace period', () => {
    const draw = random(seed);
    const scans = Array.from({ length: 120 }, (_, index) => ({
      at: index + (index % 3 === 0 ? 0.003 : -0.004),
      sequence: index,
      values: { A: index, B: 50 },
    }));
    const delayed = scans
      .map((scan, index) => ({ scan, arrives: index + (index > 0 && draw() < 0.3 ? 3.5 : 0) }))
      .toSorted((a, b) => a.arrives - b.arrives);
    const end: Scan = { at: 1_000, values: { A: 1, B: 1 } };
    assert.deepEqual(rowsOf(run([...delayed.map(({ scan }) => scan), end])), rowsOf(run([...scans, end])));
  });

  it('stay where they are after the state is written and read', () => {
    const codec = featuresStateCodec(small);
    const scans = Array.from({ length: 60 }, (_, index) => ({
      at: index + (index % 2 === 0 ? 0.005 : -0.005),
      sequence: index,
      values: { A: index, B: 50 },
    }));
    const parts = new Map<string, Buffer>();
    let state = step.create('');
    const restarted = scans.map((scan) => {
      const outcome = step.process(asRecord(scan), state, undefined);
      codec.changes(state, (part, bytes) => bytes !== null && parts.set(part, bytes));
      ({ state } = codec.restore(parts));
      return outcome;
    });
    assert.deepEqual(restarted, run(scans));
  });
});

describe('features: windows', () => {
  /** The simplest recomputation: filter all readings by time. */
  function bruteForce(
    all: readonly ValidatedReading[],
    end: number,
    window: number,
    tag: number,
  ): Record<string, number> {
    const inside = all.filter(({ eventTime }) => eventTime >= end - window && eventTime < end);
    const points = inside.flatMap(({ eventTime, measurements }) => {
      const value = measurements[tag]?.value ?? null;
      return value === null ? [] : [{ x: (eventTime - end) / 1_000, y: value }];
    });
    const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
    const ys = points.map(({ y }) => y);
    const mean = sum(ys) / ys.length;
    const middle = sum(points.map(({ x }) => x)) / ys.length;
    const slope =
      sum(points.map(({ x, y }) => (x - middle) * (y - mean))) /
      sum(points.map(({ x }) => (x - middle) ** 2));
    const spread = ys.length < 2 ? NaN : Math.sqrt(sum(ys.map((y) => (y - mean) ** 2)) / (ys.length - 1));
    return { mean, slope, spread, min: Math.min(...ys), max: Math.max(...ys), last: ys.at(-1) ?? NaN };
  }

  it('equal a brute-force recomputation', () => {
    const drawn = fc.array(
      fc.record({
        step: fc.integer({ min: 1, max: 4 }),
        A: fc.option(fc.double({ min: 0, max: 200, noNaN: true })),
      }),
      { minLength: 30, maxLength: 80 },
    );
    fc.assert(
      fc.property(drawn, (steps) => {
        let at = 0;
        const scans = steps.map(({ step: gap, A }): Scan => ({ at: (at += gap), values: { A, B: at } }));
        const all = scans.map(validated);
        for (const row of rowsOf(run(scans)))
          for (const [window, span] of Object.entries(small.features.windows)) {
            const expected = bruteForce(all, row.eventTime, span, 0);
            for (const [statistic, value] of Object.entries(expected)) {
              const actual = valueOf(row, `A.${statistic}.${window}`);
              const unknown = !Number.isFinite(value) && Number.isNaN(actual);
              assert.ok(
                unknown || Math.abs(actual - value) <= 1e-8 * Math.max(1, Math.abs(value)),
                `${statistic} ${actual} ${value}`,
              );
            }
          }
      }),
      { seed, numRuns: 40 },
    );
  });
});

describe('features: pieces', () => {
  it('are joined by the row’s own time', () => {
    const mes = [
      mesEvent(0, 'STARTED', 'batch', 'B1', { grade: 'soft' }),
      mesEvent(7, 'STARTED', 'part', 'P1'),
      mesEvent(12, 'STARTED', 'part', 'P2'),
    ].map((value) => record({ from: 'mes' as const, value }));
    const outcomes = runStep(step, [...mes, ...ramp(0, 21).map(asRecord)]);
    assert.deepEqual(
      rowsOf(outcomes).map(({ piece }) => piece),
      [
        { batch: 'B1', grade: 'soft' },
        { batch: 'B1', grade: 'soft', part: 'P1' },
        { batch: 'B1', grade: 'soft', part: 'P2' },
      ],
    );
  });

  it('of unknown levels and assets are dead letters, and repeats are dropped with a reason', () => {
    const started = mesEvent(0, 'STARTED', 'batch', 'B1');
    const outcomes = runStep(
      step,
      [mesEvent(0, 'STARTED', 'pallet', 'X'), { ...started, asset: 'E/S/A/L/C9' }, started, started].map(
        (value) => record({ from: 'mes' as const, value }),
      ),
    );
    const told = outcomes.map((outcome) => (outcome.kind === 'emit' ? 'emit' : outcome.reason));
    assert.deepEqual(told, ['UNKNOWN_LEVEL', 'UNKNOWN_ASSET', 'emit', 'DUPLICATE']);
  });
});
