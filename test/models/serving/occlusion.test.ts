import assert from 'node:assert/strict';
import type { Manifest } from '../../../models/bundle/manifest.ts';
import { hideEach, tagReasons } from '../../../models/serving/occlusion.ts';

const member: Manifest['members'][number] = {
  name: 'lstm',
  file: 'lstm.onnx',
  input: 'sequence',
  weight: 0.5,
  calibration: { method: 'platt', slope: 1, intercept: 0 },
};
const sequence = {
  steps: 3,
  channels: 2,
  tags: ['Level', 'Flow'],
  span: 60_000,
  words: [
    { title: 'mould level', unit: 'mm', normal: [90, 110] as [number, number] },
    { title: 'flow', unit: '', normal: null },
  ],
};
const manifest = { sequence } as Manifest;

describe('the reasons of a sequence', () => {
  it('come from hiding one tag after the other, in all steps', () => {
    const hidden = hideEach(Float32Array.of(1, 2, 3, 4, 5, 6), 2);
    assert.deepEqual(hidden, Float32Array.of(NaN, 2, NaN, 4, NaN, 6, 1, NaN, 3, NaN, 5, NaN));
  });

  it('are the changes of the log-odds, strongest first, in plant words and units', () => {
    const scans = Float32Array.of(-0.5, 1, NaN, 1, 1.5, 1);
    const reasons = tagReasons(manifest, member, scans, 0.8, [0.5, 0.9]);
    assert.deepEqual(
      reasons.map(({ feature, contribution }) => [feature, Number(contribution.toFixed(6))]),
      [
        ['Level.sequence', Number(Math.log(4).toFixed(6))],
        ['Flow.sequence', Number((Math.log(4) - Math.log(9)).toFixed(6))],
      ],
    );
    assert.equal(reasons[0]?.text, 'mould level was between 95 and 115 mm over 60 s, usually 90 to 110');
    assert.equal(reasons[0].value, 115);
    assert.equal(reasons[1]?.text, 'course of the flow over 60 s');
  });

  it('leave out a tag that does not change the answer, and are empty in bundles without words', () => {
    const scans = new Float32Array(6);
    assert.deepEqual(tagReasons(manifest, member, scans, 0.8, [0.8, 0.801]), []);
    const before = { ...sequence, words: undefined };
    assert.deepEqual(tagReasons({ sequence: before } as Manifest, member, scans, 0.8, [0.1, 0.1]), []);
  });
});
