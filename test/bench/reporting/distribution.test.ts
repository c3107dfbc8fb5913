import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { Distribution } from '../../../bench/reporting/distribution.ts';
import { svgOf } from '../../../bench/reporting/plot.ts';
import { medianOf, spreadOf } from '../../../bench/reporting/spread.ts';

describe('a distribution of measurements', () => {
  it('has the percentiles of its sorted values, by nearest rank', () => {
    const some = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 1,
      maxLength: 3_000,
    });
    fc.assert(
      fc.property(some, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const distribution = new Distribution();
        for (const value of values) distribution.add(value);
        const sorted = Float64Array.from(values).sort();
        const rank = Math.max(0, Math.ceil(share * values.length) - 1);
        assert.equal(distribution.percentile(share), sorted[rank]);
        assert.equal(distribution.count, values.length);
      }),
    );
    assert.ok(Number.isNaN(new Distribution().percentile(0.5)));
  });

  it('is shown with its median, minimum and maximum', () => {
    assert.equal(medianOf([3, 1, 2]), 2);
    assert.equal(medianOf([4, 1, 2, 3]), 2.5);
    assert.equal(spreadOf([1200, 1100, 1300]), '1,200 (1,100–1,300)');
    assert.equal(spreadOf([1.26], 1), '1.3');
    assert.equal(spreadOf([]), '–');
  });

  it('is drawn with every label, and escapes markup in labels', () => {
    const bars = [{ label: 'a <b> & "c"', value: 5, low: 4, high: 6 }];
    const svg = svgOf({ name: 'x', title: 'one & all', bars });
    assert.ok(svg.includes('a &#60;b&#62; &#38; &#34;c&#34;'));
    assert.ok(!svg.includes('<b>'));
  });
});
