import assert from 'node:assert/strict';
import fc from 'fast-check';
import { blend, blendAll, fitWeights } from '../../../models/blend/ensemble.ts';
import { sigmoid } from '../../../models/numbers/matrix.ts';
import { SeededRandom } from '../../../base/random.ts';

describe('ensemble', () => {
  it('is the weighted mean of log-odds', () => {
    const both = blend([sigmoid(2), sigmoid(-1)], [0.25, 0.75]);
    assert.ok(Math.abs((both ?? 0) - sigmoid(0.25 * 2 - 0.75)) < 1e-12);
  });

  it('blends the members that answered', () => {
    assert.ok(Math.abs((blend([null, 0.3], [0.9, 0.1]) ?? 0) - 0.3) < 1e-12);
    assert.equal(blend([null, null], [0.5, 0.5]), null);
  });

  it('lies between its members', () => {
    const p = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(p, p, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, w) => {
        const mixed = blend([a, b], [w, 1 - w]) ?? Number.NaN;
        assert.ok(mixed >= Math.min(a, b) - 1e-9 && mixed <= Math.max(a, b) + 1e-9);
      }),
    );
  });

  it('gives a useless member no weight, and divides it between two members that complement each other', () => {
    const random = new SeededRandom(5, 'ensemble test');
    const rows = Array.from({ length: 4000 }, () => {
      const [a, b] = [random.normal(), random.normal()];
      return { a, b, label: random.uniform() < sigmoid(2 * a + 2 * b) ? 1 : 0 };
    });
    const labels = rows.map(({ label }) => label);
    const knowing = [rows.map(({ a }) => sigmoid(a)), rows.map(({ b }) => sigmoid(b))];
    const ignorant = rows.map(() => sigmoid(random.normal()));
    const shared = fitWeights(knowing, labels);
    assert.ok(Math.abs((shared[0] ?? 0) - 0.5) <= 0.1, String(shared));
    assert.ok((fitWeights([knowing[0] ?? [], ignorant], labels)[0] ?? 0) >= 0.9);
    assert.equal(blendAll(knowing, shared).length, rows.length);
  });
});
