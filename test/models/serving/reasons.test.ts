import assert from 'node:assert/strict';
import { inWords, strongestReasons } from '../../../models/serving/reasons.ts';
import type { ModelFeature } from '../../../models/bundle/manifest.ts';

const feature = (title: string, unit: string, usual: [number, number] | null): ModelFeature => ({
  name: title,
  title,
  unit,
  usual,
  seen: null,
});

describe('reasons', () => {
  it('are in plant words, with the usual range', () => {
    const spread = feature('mould level spread over 60 s', 'mm', [2.41, 3.83]);
    assert.equal(inWords(spread, 7.12), 'mould level spread over 60 s is 7.1 mm, usually 2.4–3.8');
  });

  it('have as many digits as the usual range needs', () => {
    assert.equal(
      inWords(feature('flow', 'L/min', [3512, 4480]), 4999.6),
      'flow is 5000 L/min, usually 3512–4480',
    );
    assert.equal(
      inWords(feature('ratio', '', [0.0712, 0.0748]), 0.05),
      'ratio is 0.0500, usually 0.0712–0.0748',
    );
    assert.equal(
      inWords(feature('trend', '°C/s', [-0.5, 0.5]), -0.004),
      'trend is 0.0 °C/s, usually −0.5 to 0.5',
    );
  });

  it('write negative numbers with a minus sign, not a hyphen', () => {
    const friction = feature('mould friction', 'kN', [-3.2, -1.1]);
    assert.equal(inWords(friction, -6.48), 'mould friction is −6.5 kN, usually −3.2 to −1.1');
  });

  it('say when the value is missing, and do without a usual range', () => {
    assert.equal(inWords(feature('speed', 'm/min', [1, 2]), Number.NaN), 'speed is missing');
    assert.equal(inWords(feature('speed', 'm/min', null), 1.25), 'speed is 1.3 m/min');
  });

  it('come strongest first, five at most, none without effect', () => {
    const features = Array.from({ length: 8 }, (_, i) => feature(`f${i}`, '', null));
    const given = strongestReasons(
      features,
      new Float64Array(8),
      Float64Array.of(0.1, -3, 0, 2, 2, 0.5, -0.2, 0.3),
    );
    assert.deepEqual(
      given.map((each) => each.feature),
      ['f1', 'f3', 'f4', 'f5', 'f7'],
    );
    assert.equal(strongestReasons(features, new Float64Array(8), new Float64Array(8)).length, 0);
  });

  it('leave out features that contribute nearly nothing, but never the strongest', () => {
    const features = Array.from({ length: 100 }, (_, i) => feature(`f${i}`, '', null));
    const names = (contributions: Float64Array) =>
      strongestReasons(features, new Float64Array(100), contributions).map((each) => each.feature);
    const some = new Float64Array(100);
    some.set([1, -0.5, 0.006]); // the last is 0.4 %
    assert.deepEqual(names(some), ['f0', 'f1']);
    assert.deepEqual(names(new Float64Array(100).fill(0.01)), ['f0']);
  });
});
