import assert from 'node:assert/strict';
import { naiveBaselines, lastFindings } from '../../../models/judging/naive-baselines.ts';
import type { Dataset } from '../../../models/data/labelled-dataset.ts';
import { leadByChance, leadTimes } from '../../../models/judging/lead.ts';
import { judgeParts } from '../../../models/judging/parts-of-rows.ts';
import { matrix } from '../../../models/numbers/matrix.ts';
import { SeededRandom } from '../../../base/random.ts';
import { rocAuc } from '../../../models/numbers/score-metrics.ts';

/** Rows of 10 s on two assets, in order of asset and time. */
function tiny(labels: readonly (readonly number[])[], inspectedAfter: number): Dataset {
  const rows = labels.flatMap((mine, asset) =>
    mine.map((label, i) => ({
      asset,
      label,
      time: (i + 1) * 10_000,
      group: asset * 100 + Math.floor(i / 4),
    })),
  );
  return {
    id: 'x',
    process: 'p',
    target: 't',
    featureSet: 'f',
    featureNames: ['a', 'b'],
    features: matrix(
      rows.length,
      2,
      Float32Array.from(rows.flatMap(({ label }, i) => [label + (i % 3), i % 2])),
    ),
    sequences: undefined,
    steps: 0,
    channels: 0,
    labels: Float32Array.from(rows, ({ label }) => label),
    places: {
      time: Float64Array.from(rows, ({ time }) => time),
      asset: Uint32Array.from(rows, ({ asset }) => asset),
      group: Uint32Array.from(rows, ({ group }) => group),
    },
    assets: ['E/S/A/L/one', 'E/S/A/L/two'],
    groups: [],
    facts: {
      defect: {
        names: ['crack', 'hole'],
        of: Int32Array.from(rows, ({ label, asset }) => (label === 1 ? asset : -1)),
      },
      properties: { grade: { names: ['soft', 'hard'], of: Int32Array.from(rows, (_, i) => i % 2) } },
      foundAt: Float64Array.from(rows, ({ time }) => time + inspectedAfter),
    },
    from: 0,
    until: 0,
    leftOut: {},
  };
}

const all = (data: Dataset): Uint32Array => Uint32Array.from(data.labels.keys());

describe('lead times', () => {
  // Asset one: an episode from 30 s (row 4) to 50 s, with a gap that the look bridges, and another at 150 s.
  const one = [0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  const data = tiny([one, [0, 0, 1, 0]], 3_600_000);
  const probabilities = new Float64Array(20);
  probabilities[1] = 0.9; // 20 s: ten seconds before the first begins
  probabilities[18] = 0.9; // asset two, 30 s: at the end of the only positive row
  const lead = leadTimes(data, all(data), probabilities, { threshold: 0.5, hop: 10_000, look: 20_000 });

  it('count episodes, not rows, and say when each warning came', () => {
    assert.deepEqual([lead.episodes, lead.warned, lead.before], [3, 2, 1]);
    assert.deepEqual(lead.seconds, [-10, 10, 10]);
  });

  it('say how long before the label the warning came', () => {
    // 40 s + 1 h − 20 s, and 30 s + 1 h − 30 s.
    assert.equal(lead.beforeFound, 3620);
  });

  it('do not count a warning from long before the episode', () => {
    const early = new Float64Array(20);
    early[0] = early[10] = 0.9;
    const { warned } = leadTimes(data, all(data), early, { threshold: 0.5, hop: 10_000, look: 5_000 });
    assert.equal(warned, 0);
  });
});

describe('lead times by chance', () => {
  const options = { threshold: 0.5, hop: 10_000, look: 20_000, seed: 1 };
  /** A thousand rows, ten of them positive, 1,000 s apart. */
  const labels = Array.from({ length: 1_000 }, (_, row) => Number(row % 100 === 50));
  const data = tiny([labels], 0);
  const rows = all(data);

  it('are far below those of a model that warns of every episode and of nothing else', () => {
    const knowing = Float64Array.from(labels, (_, row) => (row % 100 === 49 ? 0.9 : 0.1));
    const lead = leadTimes(data, rows, knowing, options);
    assert.deepEqual([lead.episodes, lead.warned, lead.before], [10, 10, 10]);
    const chance = leadByChance(data, rows, knowing, options, 1_000);
    // A moved warning hits when it is on one of the three rows from which it still counts: all ten hit or none.
    assert.ok(Math.abs(chance.warned.mean - 10 * (3 / 100)) < 0.2, String(chance.warned.mean));
    assert.ok(chance.before.mean < chance.warned.mean);
  });

  it('are those of warnings that do not depend on the episodes', () => {
    const random = new SeededRandom(5, 'knows nothing');
    const blind = { ...options, threshold: 0.7 };
    const runs = Array.from({ length: 200 }, (_, run) => {
      const scores = Float64Array.from(labels, () => random.uniform());
      return [
        leadTimes(data, rows, scores, blind).warned,
        leadByChance(data, rows, scores, { ...blind, seed: run }, 10).warned.mean,
      ] as const;
    });
    const mean = (which: 0 | 1): number => runs.reduce((sum, run) => sum + run[which], 0) / runs.length;
    assert.ok(Math.abs(mean(0) - mean(1)) < 0.3, `${mean(0)} and by chance ${mean(1)}`);
    // three rows from which a warning still counts, each with 0.3
    assert.ok(Math.abs(mean(1) - 10 * (1 - 0.7 ** 3)) < 0.3, String(mean(1)));
  });

  it('are all episodes when every row is a warning, and none when no row is', () => {
    const [everything, nothing] = [new Float64Array(1_000).fill(1), new Float64Array(1_000)];
    assert.deepEqual(leadByChance(data, rows, everything, options).warned, {
      mean: 10,
      between: [10, 10],
    });
    const none = leadByChance(data, rows, nothing, options);
    assert.deepEqual([none.warned.mean, none.seconds], [0, null]);
  });

  it('are the same from the same seed', () => {
    const some = Float64Array.from(labels, (_, row) => (row % 7 === 0 ? 0.9 : 0.1));
    const draw = (seed: number) => leadByChance(data, rows, some, { ...options, seed });
    assert.deepEqual(draw(3), draw(3));
    assert.notDeepEqual(draw(3), draw(4));
  });
});

describe('slices', () => {
  it('judge each asset and each property, and each kind of defect together with all good rows', () => {
    const data = tiny(
      [
        [0, 1, 0, 1],
        [0, 0, 1, 1],
      ],
      0,
    );
    const probabilities = Float64Array.of(0.1, 0.9, 0.2, 0.8, 0.1, 0.7, 0.6, 0.9);
    const parts = judgeParts(data, all(data), probabilities, data.places.group, { threshold: 0.5, seed: 1 });
    assert.deepEqual(
      parts.map(({ by, name, rows, positives }) => [by, name, rows, positives]),
      [
        ['asset', 'one', 4, 2],
        ['asset', 'two', 4, 2],
        ['grade', 'soft', 4, 1],
        ['grade', 'hard', 4, 3],
        ['defect', 'crack', 6, 2],
        ['defect', 'hole', 6, 2],
      ],
    );
    assert.equal(parts[0]?.rocAuc, 1);
    assert.equal(parts[1]?.rocAuc, 3 / 4);
    assert.equal(parts[4]?.recall, 1);
    assert.equal(parts[5]?.falseAlarmRate, 1 / 4);
  });

  it('have no areas where a class is absent', () => {
    const data = tiny(
      [
        [0, 0],
        [0, 1],
      ],
      0,
    );
    const [part] = judgeParts(data, all(data), [0, 0, 0, 1], data.places.group, { threshold: 0.5, seed: 1 });
    assert.deepEqual([part?.rocAuc, part?.prAuc, part?.rocAucBetween], [null, null, null]);
  });
});

describe('the last finding', () => {
  it('is of an earlier piece, and not known before Quality Management found it', () => {
    // Pieces of four rows; found 25 s after.
    const data = tiny([[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], []], 25_000);
    assert.deepEqual([...lastFindings(data)], [-1, -1, -1, -1, 0, 0, 1, 1, 0, 0, 0, 0]);
  });
});

describe('baselines', () => {
  it('give probabilities, and the rule orders rows as its feature does', () => {
    const data = tiny(
      [
        [0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0],
        [0, 0, 1, 1, 0, 0, 1, 0],
      ],
      0,
    );
    const given = naiveBaselines(data, all(data), all(data));
    for (const { name, probabilities } of given)
      for (const p of probabilities) assert.ok(p >= 0 && p <= 1, `${name}: ${p}`);
    const rule = given.find(({ name }) => name.startsWith('one feature'));
    const edges = [0, 1].map((column) => {
      const values = Float64Array.from(all(data), (row) => data.features.data[2 * row + column] ?? 0);
      return Math.abs(rocAuc(values, data.labels) - 0.5);
    });
    const edge = rocAuc(rule?.probabilities ?? [], data.labels) - 0.5;
    assert.ok(Math.abs(edge - Math.max(...edges)) < 1e-12, `${edge} of ${edges.join(' and ')}`);
  });
});
