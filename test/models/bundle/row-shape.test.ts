/** A bundle fits the rows that it was trained on: of the same features, in the same units. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CastwatchError } from '../../../base/errors.ts';
import { loadBundle, writeBundle, type Bundle } from '../../../models/bundle/bundle.ts';
import { loadChampion } from '../../../models/bundle/champion-file.ts';
import { checkBundleFits, isFit, rowShapeOf } from '../../../models/bundle/row-shape.ts';
import { describeBundle } from '../../../models/bundle/places.ts';
import { createPredictor } from '../../../models/serving/bundle-predictor.ts';
import { versionWithoutUnits } from '../../../processes/feature-set.ts';
import { loadDefinition } from '../../../processes/load.ts';
import type { ProcessDefinition } from '../../../processes/schema.ts';

const definition = loadDefinition('processes/casting.yaml');
const bundle = loadChampion('casting');

const withUnit = (id: string, unit: string, factor = 1): ProcessDefinition => ({
  ...definition,
  tags: definition.tags.map((tag) =>
    tag.id === id ? { ...tag, unit, normal: [tag.normal[0] * factor, tag.normal[1] * factor] } : tag,
  ),
});

/** The plant of a user: a feature set that is not among the shipped ones. */
const theirs = { ...definition, features: { ...definition.features, hop: 2 * definition.features.hop } };

function refusalOf(one: Bundle, other: ProcessDefinition): CastwatchError {
  try {
    checkBundleFits(one, rowShapeOf(other));
  } catch (error) {
    assert.ok(error instanceof CastwatchError);
    return error;
  }
  return assert.fail('the bundle was not refused');
}

describe('a bundle', () => {
  it('is refused for a tag in another unit, with the tag, both units and the remedy', () => {
    for (const factor of [1, 0.1]) {
      const { code, message, remedy } = refusalOf(bundle, withUnit('Mould/Level', 'cm', factor));
      assert.equal(code, 'MODEL');
      assert.match(message, /trained with Mould\/Level in mm, and the definition has it in cm$/);
      assert.match(remedy ?? '', /put that back into the definition.*npm run train/);
    }
  });

  it('from before units counted fits a definition with its units, and no other', () => {
    const manifest = { ...bundle.manifest, featureSet: versionWithoutUnits(theirs) };
    const older = { ...bundle, manifest };
    assert.notEqual(rowShapeOf(theirs).featureSet, manifest.featureSet);
    assert.ok(isFit(older, rowShapeOf(theirs)));
    const changed = { ...withUnit('Mould/Level', 'cm'), features: theirs.features };
    assert.match(refusalOf(older, changed).message, /Mould\/Level in mm, and the definition has it in cm/);
  });

  it('from before units counted answers the rows of the definition, which have a version with units', async () => {
    const root = mkdtempSync(join(tmpdir(), 'castwatch-fit-'));
    try {
      const { files, ...facts } = { ...bundle.manifest, featureSet: versionWithoutUnits(theirs) };
      const contents = Object.keys(files).map(
        (file) => [file, readFileSync(join(bundle.folder, file))] as const,
      );
      const older = loadBundle(writeBundle(root, facts, Object.fromEntries(contents)));
      const rows = rowShapeOf(theirs);
      const predictor = await createPredictor({ entry: describeBundle(older, root), root, rows });
      await predictor.close();
      assert.equal(predictor.featureSet, rows.featureSet);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
