import assert from 'node:assert/strict';
import fc from 'fast-check';
import { prAuc, rocAuc } from '../../../models/numbers/score-metrics.ts';
import type { QualityLabel } from '../../../schemas/generated/types.ts';
import { NamedRandom } from '../../../base/random.ts';
import { createSimulator } from '../../../sources/simulator/simulator.ts';
import { TruthCounter, type ProductionSpan } from '../../../sources/simulator/truth.ts';
import { seed } from '../../support/seed.ts';
import { casting, hours, start } from '../plants.ts';

const span = (probability: number, label: 0 | 1): ProductionSpan => ({
  asset: 'a',
  from: 0,
  until: 5000,
  probability,
  label,
  shares: [-Math.log(1 - probability)],
});

describe('sources/simulator/truth', () => {
  it('is exact on a hand-computed case', () => {
    const counter = new TruthCounter(['background']);
    for (const [p, label] of [
      [0.9, 1],
      [0.8, 0],
      [0.7, 1],
      [0.1, 0],
    ] as const)
      counter.add(span(p, label));
    const truth = counter.summary();
    // Of the four pairs of a hit and a miss, three are in order. Precision is 1 at the first hit, 2/3 at the second.
    assert.equal(truth.rocAuc, 0.75);
    assert.ok(Math.abs(truth.prAuc - (1 + 2 / 3) / 2) < 1e-12);
    assert.deepEqual([truth.spans, truth.defects, truth.defectRate], [4, 2, 0.5]);
    assert.ok(Math.abs(truth.expectedDefectRate - 0.625) < 1e-12);
    assert.deepEqual(truth.mechanisms, { background: 1 });
  });

  it('agrees with the areas of the complete lists, for any probabilities', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 400 }), fc.integer(), (count, name) => {
        const random = new NamedRandom(`truth ${name}`);
        const counter = new TruthCounter(['background']);
        const spans = Array.from({ length: count }, (_, i) => {
          // a few levels, so that there are ties, and a first of each kind
          const p = random.chance(0.5) ? 0.003 : random.below(20) / 20 + 0.02;
          const label = i === 0 ? 1 : i === 1 ? 0 : random.chance(p) ? 1 : 0;
          return span(Math.min(p, 0.99), label);
        });
        for (const one of spans) counter.add(one);
        const scores = spans.map((one) => one.probability);
        const labels = spans.map((one) => one.label);
        const truth = counter.summary();
        assert.ok(Math.abs(truth.rocAuc - rocAuc(scores, labels)) < 1e-9);
        assert.ok(Math.abs(truth.prAuc - prAuc(scores, labels)) < 1e-9);
      }),
      { numRuns: 40, seed },
    );
  });
});

describe('sources/simulator labels', function () {
  this.timeout(90_000);

  const day = async (of: number | string, cells = ['S1', 'S2', 'S3', 'S4']) => {
    const spans: ProductionSpan[] = [];
    const simulator = createSimulator({
      definition: casting(...cells),
      seed: of,
      start,
      duration: 24 * hours,
      onSpan: (one) => spans.push(one),
    });
    const labels: QualityLabel[] = [];
    for await (const batch of simulator)
      for (const record of batch) if (record.topic === 'qualityLabels') labels.push(record.value);
    return { spans, labels, truth: simulator.truth() };
  };

  it('are drawn with the stated probability p = 1 − Π (1 − p_m)', async () => {
    const { spans, labels } = await day(seed);
    const found = new Map(labels.map((label) => [`${label.asset} ${label.until}`, label.value]));
    const deciles = Array.from({ length: 10 }, () => ({ expected: 0, variance: 0, drawn: 0 }));
    for (const { asset, until, probability, label, shares } of spans) {
      assert.equal(found.get(`${asset} ${until}`), label);
      const product = shares.reduce((rest, share) => rest * Math.exp(-share), 1);
      assert.ok(Math.abs(probability - (1 - product)) < 1e-12);
      const bin = deciles[Math.min(9, Math.floor(probability * 10))];
      if (bin === undefined) continue;
      bin.expected += probability;
      bin.variance += probability * (1 - probability);
      bin.drawn += label;
    }
    // Five standard deviations: one run in 200,000 fails by chance.
    for (const { expected, variance, drawn } of deciles)
      assert.ok(
        Math.abs(drawn - expected) <= 5 * Math.sqrt(variance) + 3,
        `${drawn} drawn, ${expected} expected`,
      );
  });

  it('are rare, and can be predicted well but not perfectly: 4 strands, one day, three seeds', async () => {
    for (const fixed of ['first', 'second', 'third']) {
      const { truth } = await day(fixed);
      const seen = JSON.stringify(truth);
      assert.ok(truth.defectRate > 0.02 && truth.defectRate < 0.05, seen);
      assert.ok(truth.rocAuc > 0.93 && truth.rocAuc < 0.97, seen);
      assert.ok(truth.prAuc > 0.65 && truth.prAuc < 0.85, seen);
      // No mechanism causes all defects, and each frequent mechanism causes some.
      assert.ok(
        Object.values(truth.mechanisms).every((share) => share < 0.6),
        seen,
      );
      for (const id of ['sticker', 'unsteadyLevel', 'unevenCooling'])
        assert.ok((truth.mechanisms[id] ?? 0) > 0.05, seen);
    }
  });
});
