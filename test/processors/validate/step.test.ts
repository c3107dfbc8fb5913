import assert from 'node:assert/strict';
import fc from 'fast-check';
import { validateStep, type ValidateOutput } from '../../../processors/validate/step.ts';
import type { Outcome } from '../../../stream/index.ts';
import { seed } from '../../support/seed.ts';
import {
  asset,
  outputs,
  reading,
  readings,
  reasons,
  record,
  runStep,
  small,
  smallWith,
  type Scan,
} from '../support.ts';

const step = validateStep(small);
const run = (scans: readonly Scan[]) => runStep(step, readings(scans));
const rejectedOf = (outcomes: readonly Outcome<ValidateOutput>[]) => outputs(outcomes, 'rejected');
const validatedOf = (outcomes: readonly Outcome<ValidateOutput>[]) => outputs(outcomes, 'validated');
/** Never exactly the same value twice in a row. */
const good = (at: number) => ({ A: 50 + Math.sin(at), B: 20 + Math.cos(at), C: 1.5 });
const steady = (from: number, to: number): Scan[] =>
  Array.from({ length: to - from }, (_, index) => ({ at: from + index, values: good(from + index) }));
/** The measurement of tag A in the last reading. */
const lastA = (outcomes: readonly Outcome<ValidateOutput>[]) => {
  const measurement = validatedOf(outcomes).at(-1)?.measurements[0];
  return [measurement?.value, measurement?.treatment, measurement?.reason, measurement?.quality];
};

describe('validate: single values', () => {
  it('passes good values on unchanged, in the definition’s order, and rejects nothing', () => {
    const outcomes = runStep(step, readings([{ at: 0, values: { C: 1.5, B: 20, A: 50 } }]));
    const [value] = validatedOf(outcomes);
    assert.deepEqual(value, {
      ...{ asset, eventTime: reading({ at: 0, values: {} }).eventTime, sequence: 0, source: 'test' },
      completeness: 1,
      outOfOrder: false,
      measurements: [
        { tag: 'A', value: 50, quality: 'GOOD', treatment: 'MEASURED', reason: null },
        { tag: 'B', value: 20, quality: 'GOOD', treatment: 'MEASURED', reason: null },
        { tag: 'C', value: 1.5, quality: 'GOOD', treatment: 'MEASURED', reason: null },
      ],
    });
    assert.deepEqual(rejectedOf(outcomes), []);
  });

  const faults: readonly [string, Partial<Scan>, string][] = [
    ['out of range', { values: { A: 201, B: 20, C: 1 } }, 'A RANGE MISSING'],
    ['a sentinel', { values: { A: 199, B: 20, C: 1 } }, 'A SENTINEL MISSING'],
    ['not a number', { values: { A: NaN, B: 20, C: 1 } }, 'A NOT_A_NUMBER MISSING'],
    ['infinite', { values: { A: -Infinity, B: 20, C: 1 } }, 'A NOT_A_NUMBER MISSING'],
    ['null', { values: { A: null, B: 20, C: 1 } }, 'A ABSENT MISSING'],
    ['absent', { values: { B: 20, C: 1 } }, 'A ABSENT MISSING'],
    ['of bad quality', { values: { A: 50, B: 20, C: 1 }, quality: { A: 'BAD' } }, 'A QUALITY MISSING'],
    [
      'of uncertain quality',
      { values: { A: 50, B: 20, C: 1 }, quality: { A: 'UNCERTAIN' } },
      'A QUALITY FLAGGED',
    ],
    ['of an unknown tag', { values: { A: 50, B: 20, C: 1, D: 4 } }, 'D UNKNOWN_TAG DROPPED'],
  ];
  for (const [name, scan, expected] of faults)
    it(`finds a value ${name}`, () => {
      const outcomes = run([{ at: 0, values: {}, ...scan }]);
      assert.deepEqual(reasons(rejectedOf(outcomes)), [expected]);
      assert.equal(validatedOf(outcomes).length, 1);
    });

  it('says in plain words what was found and what is allowed', () => {
    const [rejected] = rejectedOf(run([{ at: 0, values: { A: 201.5, B: 20 } }]));
    assert.equal(rejected?.rejections[0]?.detail, 'signal a 201.5 mm is outside 0 to 200 mm');
    assert.equal(rejected.dropped, false);
  });

  it('marks an absent optional tag as missing, without a rejection', () => {
    const outcomes = run([{ at: 0, values: { A: 50, B: 20 } }]);
    assert.deepEqual(rejectedOf(outcomes), []);
    const last = validatedOf(outcomes)[0]?.measurements[2];
    assert.deepEqual([last?.treatment, last?.reason], ['MISSING', 'ABSENT']);
  });

  it('counts a repeated tag once, and says so', () => {
    const twice = reading({ at: 0, values: { A: 50, B: 20 } });
    const value = {
      ...twice,
      measurements: [...twice.measurements, { tag: 'A', value: 51, quality: 'GOOD' as const }],
    };
    const outcomes = runStep(step, [record({ from: 'readings' as const, value })]);
    assert.deepEqual(reasons(rejectedOf(outcomes)), ['A DUPLICATE DROPPED']);
    assert.equal(validatedOf(outcomes)[0]?.measurements[0]?.value, 50);
  });

  it('lists a hundred findings and counts the rest', () => {
    const values = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`X${index}`, 1]));
    const [rejected] = rejectedOf(run([{ at: 0, values: { A: 50, B: 20, ...values } }]));
    assert.equal(rejected?.rejections.length, 101);
    assert.match(rejected.rejections.at(-1)?.detail ?? '', /^50 more/);
  });
});

describe('validate: completeness', () => {
  it('is the share of required tags that were measured, held ones not counted', () => {
    const outcomes = run([...steady(0, 2), { at: 2, values: { A: null, B: 20 } }]);
    assert.deepEqual(lastA(outcomes).slice(1), ['HELD', 'ABSENT', 'UNCERTAIN']);
    assert.equal(validatedOf(outcomes).at(-1)?.completeness, 0.5);
  });

  it('refuses a reading in which no required tag has a value', () => {
    const outcomes = run([...steady(0, 2), { at: 2, values: { A: 300, C: 1.5 } }]);
    assert.equal(validatedOf(outcomes).length, 2);
    assert.deepEqual(reasons(rejectedOf(outcomes)), [
      '- COMPLETENESS DROPPED',
      'A RANGE HELD',
      'B ABSENT MISSING',
    ]);
    assert.equal(rejectedOf(outcomes)[0]?.dropped, true);
  });
});

describe('validate: holding the last good value', () => {
  it('uses it up to the limit, and no longer', () => {
    const scans = [
      ...steady(0, 3),
      ...[3, 4, 5, 6].map((at) => ({ at, values: { A: null, B: good(at).B } })),
    ];
    const outcomes = run(scans);
    const treatments = validatedOf(outcomes).map(({ measurements }) => measurements[0]?.treatment);
    assert.deepEqual(treatments.slice(3), ['HELD', 'HELD', 'HELD', 'MISSING']); // hold is 3 s after second 2
    assert.equal(validatedOf(outcomes)[3]?.measurements[0]?.value, good(2).A);
  });
});

describe('validate: rate of change', () => {
  const jump = (at: number, A: number): Scan => ({ at, values: { A, B: 20 + at / 10 } });

  it('refuses a spike, and accepts the old level again at once', () => {
    const outcomes = run([jump(0, 50), jump(1, 51), jump(2, 120), jump(3, 50)]);
    assert.deepEqual(reasons(rejectedOf(outcomes)), ['A RATE_OF_CHANGE HELD']);
    assert.deepEqual(lastA(outcomes), [50, 'MEASURED', null, 'GOOD']);
  });

  it('accepts a new level when a third reading in a row agrees', () => {
    const outcomes = run([jump(0, 50), jump(1, 150), jump(2, 151), jump(3, 149), jump(4, 152)]);
    assert.deepEqual(reasons(rejectedOf(outcomes)), ['A RATE_OF_CHANGE HELD', 'A RATE_OF_CHANGE HELD']);
    const values = validatedOf(outcomes).map(({ measurements }) => measurements[0]?.value);
    assert.deepEqual(values, [50, 50, 50, 149, 152]);
  });

  it('continues to refuse readings that do not agree with each other', () => {
    const outcomes = run([jump(0, 50), jump(1, 150), jump(2, 5), jump(3, 190), jump(4, 140)]);
    assert.equal(reasons(rejectedOf(outcomes)).filter((each) => each.startsWith('A RATE')).length, 4);
  });

  it('allows a larger change after a longer gap', () => {
    assert.deepEqual(rejectedOf(run([jump(0, 50), jump(5, 140)])), []);
  });
});

describe('validate: stuck sensors', () => {
  const same = (at: number): Scan => ({ at, values: { A: 50, B: good(at).B } });

  it('finds exactly the same value for as long as the tag allows, and until it moves', () => {
    const scans = [
      ...Array.from({ length: 13 }, (_, at) => same(at)),
      { at: 13, values: { A: 50.5, B: 20 } },
    ];
    const outcomes = run(scans);
    const treatments = validatedOf(outcomes).map(({ measurements }) => measurements[0]?.reason ?? '');
    assert.deepEqual(treatments.slice(9), ['', 'STUCK', 'STUCK', 'STUCK', '']);
  });

  it('does not hold the stuck value in its own place', () => {
    const outcomes = run(Array.from({ length: 11 }, (_, at) => same(at)));
    assert.deepEqual(lastA(outcomes), [null, 'MISSING', 'STUCK', 'BAD']);
  });

  it('does not count gaps', () => {
    assert.deepEqual(rejectedOf(run([same(0), same(1), same(100), same(101)])), []);
  });
});

describe('validate: statistical anomaly', () => {
  const base = (at: number): Scan => ({ at, values: { A: good(at).A, B: 20 + Math.sin(at * 1.7) } });

  it('keeps and flags a value far from the recent ones', () => {
    const outcomes = run([
      ...Array.from({ length: 15 }, (_, at) => base(at)),
      { at: 15, values: { A: 50, B: 60 } },
    ]);
    assert.deepEqual(reasons(rejectedOf(outcomes)), ['B STATISTICAL_ANOMALY FLAGGED']);
    const measurement = validatedOf(outcomes).at(-1)?.measurements[1];
    assert.deepEqual([measurement?.value, measurement?.quality], [60, 'UNCERTAIN']);
  });

  it('gets used to a new level', () => {
    const scans = Array.from({ length: 60 }, (_, at) => base(at)).map((scan) =>
      scan.at < 20 ? scan : { ...scan, values: { ...scan.values, B: (scan.values['B'] ?? 0) + 40 } },
    );
    const flagged = rejectedOf(run(scans));
    assert.ok(flagged.length >= 5 && flagged.length <= 12, `${flagged.length} flagged`);
  });

  it('finds nothing before it knows the tag', () => {
    assert.deepEqual(rejectedOf(run([base(0), base(1), { at: 2, values: { A: 50, B: 90 } }])), []);
  });
});

describe('validate: entire readings', () => {
  it('refuses assets that the process does not have, and keys that are not the asset', () => {
    const value = reading({ at: 0, values: good(0) });
    const stranger = record({ from: 'readings' as const, value: { ...value, asset: 'E/S/A/L/C9' } });
    const wrongKey = record({ from: 'readings' as const, value }, { key: 'E/S/A/L/C2' });
    const outcomes = runStep(step, [stranger, wrongKey]);
    assert.deepEqual(reasons(rejectedOf(outcomes)), ['- UNKNOWN_ASSET DROPPED', '- UNKNOWN_ASSET DROPPED']);
    assert.deepEqual(validatedOf(outcomes), []);
  });

  it('refuses a time too far ahead of publication, so that it cannot end windows', () => {
    const value = reading({ at: 3600, sequence: 1, values: good(0) });
    const future = record({ from: 'readings' as const, value }, { timestamp: value.eventTime - 10_001 });
    const state = step.create(asset);
    const outcomes = [
      ...runStep(step, readings([{ at: 0, values: good(0) }]), state),
      ...runStep(step, [future], state),
      ...runStep(step, readings([{ at: 2, values: good(2) }]), state),
    ];
    assert.deepEqual(reasons(rejectedOf(outcomes)), ['- FUTURE DROPPED']);
    assert.equal(validatedOf(outcomes).length, 2);
  });

  it('refuses repeats by source and sequence number', () => {
    const outcomes = run([
      { at: 0, values: good(0) },
      { at: 0, values: good(0) },
      { at: 0, source: 'other', values: good(0.5) },
    ]);
    assert.deepEqual(reasons(rejectedOf(outcomes)), ['- DUPLICATE DROPPED']);
  });

  it('forgets the oldest source when there are too many, and the oldest gap of a source, and says so', () => {
    const scan = (nth: number, source: string, sequence: number): Scan => ({
      ...{ at: nth / 100, source, sequence, values: good(nth / 100) },
    });
    const evictedBy = (scans: readonly Scan[]): readonly (string | undefined)[] =>
      run(scans).map((outcome) => (outcome.kind === 'emit' ? outcome.evicted?.join() : undefined));
    const sources = evictedBy(Array.from({ length: 34 }, (_, nth) => scan(nth, `session-${nth}`, 1)));
    assert.deepEqual(sources.slice(31), [undefined, 'SOURCE', 'SOURCE']);
    const gaps = evictedBy(Array.from({ length: 66 }, (_, nth) => scan(nth, 's', 2 * nth)));
    assert.deepEqual(gaps.slice(63), [undefined, 'SEQUENCE_GAP', 'SEQUENCE_GAP']);
  });

  it('accepts a late reading within the grace period, flagged, and refuses it beyond', () => {
    const at = (second: number): Scan => ({ at: second, values: good(second) });
    const outcomes = run([at(0), at(10), at(5), at(4)]);
    assert.deepEqual(reasons(rejectedOf(outcomes)), ['- OUT_OF_ORDER FLAGGED', '- LATE DROPPED']);
    assert.deepEqual(
      validatedOf(outcomes).map(({ outOfOrder }) => outOfOrder),
      [false, false, true],
    );
  });

  it('learns nothing from a reading that is out of order', () => {
    const at = (second: number, A: number): Scan => ({ at: second, values: { A, B: 20 } });
    const outcomes = run([at(0, 50), at(10, 60), at(9, 110), at(11, 61)]);
    assert.deepEqual(reasons(rejectedOf(outcomes)), ['- OUT_OF_ORDER FLAGGED']);
  });

  it('names the partition and offset of the reading', () => {
    const value = reading({ at: 0, values: { A: 300, B: 20 } });
    const [rejected] = rejectedOf(
      runStep(step, [record({ from: 'readings' as const, value }, { partition: 3, offset: 77 })]),
    );
    assert.deepEqual([rejected?.inputPartition, rejected?.inputOffset], [3, 77]);
  });

  it('accepts any cell when the definition says so', () => {
    const anyCell = validateStep(smallWith(() => ({ cells: 'any' })));
    const value = { ...reading({ at: 0, values: good(0) }), asset: 'E/S/A/L/run-7' };
    assert.equal(validatedOf(runStep(anyCell, [record({ from: 'readings' as const, value })])).length, 1);
  });

  it('never loses a reading: each is validated, or rejected as dropped', () => {
    const scan = fc.record({
      at: fc.integer({ min: 0, max: 40 }),
      sequence: fc.integer({ min: 0, max: 50 }),
      values: fc.dictionary(
        fc.constantFrom('A', 'B', 'C', 'D'),
        fc.option(fc.double({ min: -100, max: 600 })),
      ),
    });
    fc.assert(
      fc.property(fc.array(scan, { maxLength: 80 }), (scans) => {
        for (const outcome of run(scans)) {
          const went =
            validatedOf([outcome]).length + rejectedOf([outcome]).filter(({ dropped }) => dropped).length;
          assert.equal(went, 1);
        }
      }),
      { seed, numRuns: 200 },
    );
  });
});
