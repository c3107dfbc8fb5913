import assert from 'node:assert/strict';
import { loadDefinition } from '../../processes/load.ts';
import {
  assetPath,
  assetPaths,
  describeFeature,
  describeFeatures,
  featureNames,
  featureSetVersion,
  isKnownAsset,
  parseAsset,
  withCells,
} from '../../processes/plant.ts';
import { small, smallWith } from '../processors/support.ts';

describe('assets', () => {
  it('are paths of five parts, and come apart again', () => {
    const path = assetPath(small, 'C1');
    assert.equal(path, 'E/S/A/L/C1');
    assert.deepEqual(parseAsset(path), { enterprise: 'E', site: 'S', area: 'A', line: 'L', cell: 'C1' });
    for (const wrong of ['', 'E/S/A/L', 'E/S/A/L/C1/x', 'E//A/L/C1'])
      assert.equal(parseAsset(wrong), undefined);
  });

  it('are known when the definition names them, or names any', () => {
    assert.deepEqual(assetPaths(small), ['E/S/A/L/C1', 'E/S/A/L/C2']);
    assert.equal(isKnownAsset(small, 'E/S/A/L/C2'), true);
    for (const wrong of ['E/S/A/L/C3', 'E/S/A/X/C1', 'E/S/A/L/C1/x', 'E/S/A/L/', 'C1'])
      assert.equal(isKnownAsset(small, wrong), false);
    const any = smallWith(() => ({ cells: 'any' }));
    assert.equal(isKnownAsset(any, 'E/S/A/L/run-1'), true);
    for (const wrong of ['E/S/A/L/', 'E/S/A/L/a/b', 'E/S/A/X/a'])
      assert.equal(isKnownAsset(any, wrong), false);
  });

  it('may be others for the same plant', () => {
    assert.deepEqual(assetPaths(withCells(small, ['C8'])), ['E/S/A/L/C8']);
    assert.equal(featureSetVersion(withCells(small, ['C8'])), featureSetVersion(small));
  });
});

describe('features', () => {
  it('have names in a fixed order: rules as written, then interactions', () => {
    const names = featureNames(small);
    assert.equal(names.length, 3 * 2 * 9 + 4);
    assert.deepEqual(names.slice(0, 2), ['A.last.short', 'A.mean.short']);
    assert.deepEqual(names.slice(-2), ['AlessB', 'AwithB']);
    assert.equal(new Set(names).size, names.length);
  });

  it('are described in plant words with their unit', () => {
    assert.deepEqual(describeFeature(small, 'A.spread.long'), {
      title: 'signal a spread over 20 s',
      unit: 'mm',
      tag: 'A',
      statistic: 'spread',
      window: 'long',
    });
    assert.equal(describeFeature(small, 'A.slope.short')?.unit, 'mm/s');
    assert.equal(describeFeature(small, 'A.outOfBand.short')?.unit, 's');
    assert.equal(describeFeature(small, 'AB')?.title, 'a times b');
    assert.equal(describeFeature(small, 'none'), undefined);
    assert.deepEqual([...describeFeatures(small).keys()], featureNames(small));
  });

  it('have a version that changes with their meaning, and with nothing else', () => {
    const version = featureSetVersion(small);
    assert.match(version, /^[0-9a-f]{12}$/);
    const same = [
      smallWith(() => ({ title: 'Other', alerts: [], cells: 'any' })),
      smallWith(({ tags }) => ({ tags: tags.map((tag) => ({ ...tag, title: 'x', hold: 1 })) })),
    ];
    for (const definition of same) assert.equal(featureSetVersion(definition), version);
    const others = [
      smallWith(({ features }) => ({ features: { ...features, hop: 10_000 } })),
      smallWith(({ features }) => ({ features: { ...features, windows: { short: 5_000, long: 30_000 } } })),
      smallWith(({ features }) => ({
        features: { ...features, interactions: features.interactions.toReversed() },
      })),
      smallWith(({ tags }) => ({
        tags: tags.map((tag) => ({ ...tag, normal: [1, 2] as [number, number] })),
      })),
      smallWith(({ time }) => ({ time: { ...time, period: 500 } })),
      smallWith(({ tags }) => ({ tags: tags.map((tag) => (tag.id === 'B' ? { ...tag, unit: '°F' } : tag)) })),
      smallWith(({ features }) => ({ features: { ...features, sequence: undefined } })),
    ];
    assert.equal(new Set([version, ...others.map(featureSetVersion)]).size, others.length + 1);
  });

  it('have the version that the shipped feature sets had before units counted, as long as their units are the same', () => {
    for (const [file, version] of [
      ['casting', '73b5cf9a76c1'],
      ['pump-rig', '21d6e3511d3b'],
      ['steel-plates', 'eca1891d224b'],
    ] as const) {
      const definition = loadDefinition(`processes/${file}.yaml`);
      assert.equal(featureSetVersion(definition), version);
      const [first, ...others] = definition.tags;
      assert.ok(first);
      const changed = { ...definition, tags: [{ ...first, unit: 'furlong' }, ...others] };
      assert.notEqual(featureSetVersion(changed), version);
    }
  });

  for (const file of ['casting', 'pump-rig'])
    it(`of ${file} are at most 120, and each has words`, () => {
      const definition = loadDefinition(`processes/${file}.yaml`);
      const described = describeFeatures(definition);
      assert.ok(described.size > 50 && described.size <= 120, `${described.size} features`);
      for (const [name, { title }] of described) assert.ok(title.length > 5 && title !== name, name);
    });
});
