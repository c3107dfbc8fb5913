import assert from 'node:assert/strict';
import { loadDefinition, parseDefinition } from '../../processes/load.ts';
import { liveMeaning, textMeaning, type LabelMeaning } from '../../processes/target-label.ts';

const classes = ['none', 'crack', 'hole'];
const brief = (meaning: LabelMeaning): unknown =>
  meaning.kind === 'known' ? (meaning.defect ?? meaning.value) : meaning.kind;
const text = (target: Parameters<typeof textMeaning>[0], given: string): unknown =>
  brief(textMeaning(target, given, given === 'nan' ? NaN : /\d/.test(given) ? Number(given) : undefined));
const live = (
  target: Parameters<typeof liveMeaning>[0],
  value: number,
  defect: string | null = null,
): unknown => brief(liveMeaning(target, { value, defect }));

describe('processes/target-label', () => {
  it('is 0 or 1; NaN is unknown; everything else is malformed', () => {
    assert.deepEqual(
      ['0', '1', '1.0', '', 'nan'].map((each) => text({}, each)),
      [0, 1, 1, 'unknown', 'unknown'],
    );
    for (const each of ['-1', '2', '0.4', 'Infinity', 'yes', '1e-9'])
      assert.equal(text({}, each), 'malformed', each);
    assert.deepEqual(
      [0, 1, -0, NaN].map((each) => live({}, each)),
      [0, 1, 0, 'unknown'],
    );
    for (const each of [-1, 2, 0.4, Infinity, -Infinity])
      assert.equal(live({}, each), 'malformed', String(each));
    assert.equal(live({}, 1, 'crack'), 'crack');
  });

  it('is a class where the target has classes; a defect without its class is unknown', () => {
    assert.deepEqual(
      ['crack', 'none', ''].map((each) => text({ classes }, each)),
      ['crack', 0, 'unknown'],
    );
    for (const each of ['Crack', '1', '0']) assert.equal(text({ classes }, each), 'malformed', each);
    assert.deepEqual([live({ classes }, 0), live({ classes }, 1, 'hole')], [0, 'hole']);
    assert.deepEqual([live({ classes }, 1), live({ classes }, 1, 'dent')], ['unknown', 'malformed']);
  });

  it('is what the definition declares', () => {
    const signs = { labels: { '-1': 0, '1': 1, '9': null } } as const;
    assert.deepEqual(
      ['-1', '1', '-1.0', '9', '0', '2'].map((each) => text(signs, each)),
      [...[0, 1, 0, 'unknown', 'malformed', 'malformed']],
    );
    assert.deepEqual(
      [-1, 0, 1, 9, 2].map((each) => live(signs, each)),
      [0, 0, 1, 'unknown', 'malformed'],
    );
    const codes = { classes, labels: { OK: 'none', '7': 'crack', Loch: 'hole' } };
    assert.deepEqual(
      ['OK', '7', 'Loch', 'crack', '0'].map((each) => text(codes, each)),
      [...[0, 'crack', 'hole', 'malformed', 'malformed']],
    );
    assert.deepEqual(
      [live(codes, 7), live(codes, 1, 'Loch'), live(codes, 1, 'hole')],
      ['crack', 'hole', 'hole'],
    );
  });

  it('is declared without contradictions', () => {
    const yaml = (target: string): string =>
      `
process: p
title: P
hierarchy: { enterprise: E, site: S, area: A, line: L }
cells: any
time: { period: 1s, grace: 0s, ahead: 10s }
tags: [{ id: X, title: x, unit: mm, range: [-100, 100], normal: [-1, 1] }]
features: { hop: 1s, windows: { w: 1s }, rules: [{ tags: '*', windows: [w], statistics: [last] }] }
target: { id: t, title: t, about: row, cost: { miss: 10, falseAlarm: 1 }, ${target} }
`;
    assert.deepEqual(parseDefinition(yaml('labels: { -1: 0, 1: 1, x: null }'), 'p.yaml').target.labels, {
      ...{ '-1': 0, '1': 1, x: null },
    });
    for (const [target, why] of [
      ['labels: { -1: crack }', /crack is a class, but target\.classes is missing/],
      ['labels: { -1: 2 }', /labels/],
      ['classes: [none, crack], warnOf: [crack], labels: { a: 1 }', /the target has classes/],
      ['classes: [none, crack], warnOf: [crack], labels: { a: crak }', /there is no class crak.*crack/],
    ] as const)
      assert.throws(() => parseDefinition(yaml(target), 'p.yaml'), { message: why });
    assert.equal(loadDefinition('processes/casting.yaml').target.labels, undefined);
  });
});
