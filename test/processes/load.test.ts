import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { loadDefinition, parseDefinition } from '../../processes/load.ts';
import { CastwatchError } from '../../base/errors.ts';

const good = `process: tiny
title: Tiny
hierarchy: { enterprise: E, site: S, area: A, line: L }
cells: [C1]
time: { period: 1s, grace: 5s, ahead: 10s }
tags:
  - &a
    id: A
    title: signal a
    unit: mm
    range: [0, 200]
    normal: [40, 60]
    sentinels: [199]
  - <<: *a
    id: B
    title: signal b
features:
  hop: 5s
  windows: { short: 5s, long: 20s }
  rules:
    - tags: [A, B]
      windows: [short]
      statistics: [mean]
  interactions:
    - { id: AB, title: a times b, operation: product, of: [A.mean.short, B.mean.short] }
target: { id: bad, title: bad, about: time, cost: { miss: 10, falseAlarm: 1 } }
alerts:
  - id: high
    title: High
    on: A.mean.short
    limit: 80
    deadBand: 1
    onDelay: 5s
    offDelay: 5s
    priority: LOW
    message: Look.
`;

/** The lines of the error that the changed definition gives. */
function mistakes(...changes: readonly (readonly [from: string, to: string])[]): readonly string[] {
  const text = changes.reduce((before, [from, to]) => {
    assert.ok(before.includes(from), `${from} is not in the definition`);
    return before.replace(from, to);
  }, good);
  try {
    parseDefinition(text, 'tiny.yaml');
  } catch (error) {
    assert.ok(error instanceof CastwatchError);
    assert.equal(error.code, 'DEFINITION');
    assert.ok(error.remedy);
    return error.message.split('\n');
  }
  return [];
}

describe('loadDefinition', () => {
  for (const file of readdirSync('processes').filter((name) => name.endsWith('.yaml')))
    it(`loads processes/${file}`, () => {
      assert.equal(loadDefinition(`processes/${file}`).process, file.replace('.yaml', ''));
    });

  it('turns times into milliseconds and fills in what was left out', () => {
    const definition = parseDefinition(good, 'tiny.yaml');
    assert.deepEqual(definition.time, { period: 1_000, grace: 5_000, ahead: 10_000 });
    assert.deepEqual(definition.features.windows, { short: 5_000, long: 20_000 });
    assert.equal(definition.tags[1]?.required, true);
    assert.equal(definition.target.minCompleteness, 0.5);
  });

  const cases: readonly [string, readonly [string, string], string][] = [
    [
      'a wrong order',
      ['range: [0, 200]', 'range: [200, 0]'],
      'tiny.yaml:11:12 tags[0].range: the first number must be below the second',
    ],
    [
      'a wrong unit of time',
      ['hop: 5s', 'hop: 5 s'],
      'tiny.yaml:18:8 features.hop: must be a time such as 500ms, 5s, 10m, 1h',
    ],
    [
      'a statistic against a baseline that is not there',
      ['statistics: [mean]', 'statistics: [mean, deviation]'],
      'tiny.yaml:23:26 features.rules[0].statistics[1]: deviation needs features.baseline, as in `baseline: { halfLife: 10m }`',
    ],
    [
      'a baseline that forgets at once',
      ['hop: 5s', 'hop: 5s\n  baseline: { halfLife: 5s }'],
      'tiny.yaml:19:25 features.baseline.halfLife: must be at least ten periods (10 s)',
    ],
    ['a missing key, at its parent', ['    unit: mm\n', ''], 'tiny.yaml:8:5 tags[0].unit: is missing'],
    [
      'an unknown key',
      ['title: Tiny', 'titel: Tiny\ntitle: Tiny'],
      'tiny.yaml:2:8 titel: is not a known field here',
    ],
    [
      'an unknown tag',
      ['tags: [A, B]', 'tags: [A, BB]'],
      'tiny.yaml:21:17 features.rules[0].tags[1]: there is no tag BB (did you mean B?)',
    ],
    [
      'an unknown window',
      ['windows: [short]', 'windows: [shrot]'],
      'tiny.yaml:22:17 features.rules[0].windows[0]: there is no window shrot (did you mean short?)',
    ],
    [
      'an unknown feature in an alert',
      ['on: A.mean.short', 'on: A.maen.short'],
      'tiny.yaml:30:9 alerts[0].on: there is no feature A.maen.short (did you mean A.mean.short?)',
    ],
    [
      'a hop that is no multiple of the period',
      ['hop: 5s', 'hop: 1500ms'],
      'tiny.yaml:18:8 features.hop: 1.5 s must be a multiple of the period (1 s)',
    ],
    ['a duplicate tag', ['    id: B', '    id: A'], 'tiny.yaml:15:9 tags[1].id: tag A is listed twice'],
    [
      'a sentinel among good values',
      ['sentinels: [199]', 'sentinels: [50]'],
      'tiny.yaml:13:17 tags[0].sentinels[0]: A: the sentinel 50 lies in the normal band, so good values would be discarded',
    ],
    [
      'a normal band beyond the range',
      ['normal: [40, 60]', 'normal: [40, 600]'],
      'tiny.yaml:12:13 tags[0].normal: A: the normal band [40, 600] is not within the range [0, 200]',
    ],
    [
      'a threshold where there is none',
      ['limit: 80', 'limit: threshold'],
      'tiny.yaml:31:12 alerts[0].limit: high: threshold is a limit for probability only; give a number',
    ],
    [
      'a slash in a cell',
      ['cells: [C1]', 'cells: [C/1]'],
      'tiny.yaml:4:9 cells[0]: C/1 must not contain a slash, which separates the parts of an asset path',
    ],
    [
      'a correlation without a window',
      ['operation: product, of: [A.mean.short, B.mean.short]', 'operation: correlation, of: [A, B]'],
      'tiny.yaml:25:7 features.interactions[0]: AB: a correlation needs a window',
    ],
    [
      'a word that is none of those known',
      ['priority: LOW', 'priority: HGH'],
      'tiny.yaml:35:15 alerts[0].priority: "HGH" is not one of: LOW, MEDIUM, HIGH, CRITICAL (did you mean HIGH?)',
    ],
    [
      'a word that is only begun',
      ['alerts:', 'csv: { cell: c, time: { column: at, format: date } }\nalerts:'],
      'tiny.yaml:27:45 csv.time.format: "date" is none of iso, datetime, epoch-s, epoch-ms, epoch-us, epoch-100ns, epoch-ns, epoch-days, nor a pattern such as dd.MM.yyyy HH:mm:ss (did you mean datetime?)',
    ],
    [
      'a word where a number may stand too',
      ['limit: 80', 'limit: treshold'],
      'tiny.yaml:31:12 alerts[0].limit: "treshold" is not one of: a number, threshold (did you mean threshold?)',
    ],
    [
      'a time without its unit',
      ['period: 1s', 'period: 1'],
      'tiny.yaml:5:17 time.period: must have a unit, such as 1s',
    ],
    [
      'a repeated word, in one line',
      ['statistics: [mean]', 'statistics: [mean, max, mean]'],
      'tiny.yaml:23:31 features.rules[0].statistics[2]: statistic mean is listed twice',
    ],
    ['broken YAML', ['cells: [C1]', 'cells: [C1'], 'tiny.yaml:5:1 '],
  ];
  for (const [name, change, expected] of cases)
    it(`reports ${name} with path, line and column`, () => {
      const [first] = mistakes(change);
      assert.ok(first?.startsWith(expected), `${String(first)}\n      is not\n${expected}`);
    });

  it('reports every mistake at once, in the order of the file', () => {
    const lines = mistakes(
      ['tags: [A, B]', 'tags: [A, BB]'],
      ['hop: 5s', 'hop: 1500ms'],
      ['on: A.mean.short', 'on: nothing'],
    );
    assert.deepEqual(
      lines.map((line) => line.split(' ')[1]),
      ['features.hop:', 'features.rules[0].tags[1]:', 'features.interactions[0].of[1]:', 'alerts[0].on:'],
    );
  });

  it('takes a misspelt field for the one that is missing, and checks its value', () => {
    assert.deepEqual(mistakes(['title: Tiny', 'titel: Tiny'], ['period: 1s', 'periode: 1']), [
      'tiny.yaml:2:8 titel: is not a known field here (did you mean title?)',
      'tiny.yaml:5:18 time.periode: is not a known field here (did you mean period?)',
      'tiny.yaml:5:18 time.periode: must have a unit, such as 1s',
    ]);
  });

  it('checks names and spans although other values have the wrong shape', () => {
    const lines = mistakes(
      ['title: Tiny', 'title: 7'],
      ['period: 1s', 'period: 1'],
      ['normal: [40, 60]', 'normal: [60, 40]'],
      ['    id: B', '    id: A'],
      ['windows: [short]', 'windows: [shrot]'],
      ['priority: LOW', 'priority: HGH'],
    );
    assert.deepEqual(
      lines.map((line) => line.split(' ')[1]),
      [
        'title:',
        'time.period:',
        'tags[0].normal:',
        'tags[1].normal:',
        'tags[1].id:',
        'features.rules[0].tags[1]:',
        'features.rules[0].windows[0]:',
        'features.interactions[0].of[0]:',
        'features.interactions[0].of[1]:',
        'alerts[0].on:',
      ].concat('alerts[0].priority:'),
    );
  });

  it('reports no mistakes that only follow from a value of the wrong shape', () => {
    for (const [from, to, path] of [
      ['    id: A\n', '    id: 1\n', 'tags[0].id:'],
      ['windows: { short: 5s, long: 20s }', 'windows: 5s', 'features.windows:'],
      ['statistics: [mean]', 'statistics: [1]', 'features.rules[0].statistics[0]:'],
      ['hop: 5s', 'hop: 5', 'features.hop:'],
      ['range: [0, 200]', 'range: [0, x]', 'tags[0].range[1]:'],
    ] as const) {
      const paths = mistakes([from, to]).map((line) => line.split(' ')[1]);
      assert.equal(paths[0], path);
      assert.ok(
        paths.every((each) => each === path || each === path.replace('[0]', '[1]')),
        paths.join(' '),
      );
    }
  });

  it('reports a word that is listed three times once', () => {
    assert.deepEqual(mistakes(['statistics: [mean]', 'statistics: [mean, mean, mean]']), [
      'tiny.yaml:23:26 features.rules[0].statistics[1]: statistic mean is listed twice',
    ]);
  });

  it('reports a rule that repeats another in one line', () => {
    const rule = '    - tags: [A, B]\n      windows: [short]\n      statistics: [mean]\n';
    assert.deepEqual(mistakes([rule, `${rule}${rule}`]), [
      'tiny.yaml:24:7 features.rules[1]: repeats A.mean.short and 1 more of features.rules[0]',
    ]);
  });

  it('survives any document', () => {
    for (const text of [
      '',
      '7',
      '[]',
      'process: 7',
      'tags: 7',
      'tags: [7]',
      'features: { rules: [[]] }',
      'a: &a [*a]',
    ])
      assert.throws(() => parseDefinition(text, 'any.yaml'), {
        code: 'DEFINITION',
        message: /^any\.yaml:\d/,
      });
  });

  it('refuses a text that could not be stored, with its place', () => {
    const text = 'process: a\ntitle: "a\\0b"\n';
    assert.throws(() => parseDefinition(text, 'any.yaml'), { message: /^any\.yaml:2:8 a text contains NUL/ });
  });

  it('points into a merged part that has a mistake', () => {
    assert.deepEqual(
      mistakes(['range: [0, 200]', 'range: [0, x]']).map((line) => line.split(' ').slice(0, 2).join(' ')),
      ['tiny.yaml:11:16 tags[0].range[1]:', 'tiny.yaml:11:16 tags[1].range[1]:'],
    );
  });

  it('says that a file with data is not a definition', () => {
    for (const [text, what] of [
      ['time;level;flow\n2026-01-01 00:00:00;1;2\n', 'the file is not a YAML map'],
      ['', 'the file is empty'],
      ['- a\n- b\n', 'the file is not a YAML map'],
    ] as const)
      assert.throws(
        () => parseDefinition(text, 'data.csv'),
        (error) =>
          error instanceof CastwatchError &&
          error.message.startsWith(`data.csv:1:1 ${what}; a process definition is a YAML map`) &&
          error.remedy?.includes('--file') === true,
      );
  });

  it('says that there is no such file', () => {
    assert.throws(() => loadDefinition('processes/none.yaml'), {
      code: 'INPUT',
      message: /none\.yaml: the process definition cannot be read/,
    });
  });
});
