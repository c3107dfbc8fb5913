import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkBundleFits } from '../../../models/bundle/row-shape.ts';
import { loadChampion } from '../../../models/bundle/champion-file.ts';
import type { ModelCard } from '../../../models/cards/model-card.ts';
import { shareOfAttainable } from '../../../models/judging/judgement.ts';
import { createPredictor } from '../../../models/serving/bundle-predictor.ts';
import { loadDefinition } from '../../../processes/load.ts';
import { featureSetVersion } from '../../../processes/plant.ts';
import type { FeatureRow } from '../../../schemas/generated/types.ts';

const project = join(import.meta.dirname, '../../..');

describe('the shipped bundles', () => {
  for (const process of ['casting', 'pump-rig']) {
    describe(process, () => {
      const definition = loadDefinition(join(project, 'processes', `${process}.yaml`));
      const bundle = loadChampion(process);
      const card = JSON.parse(readFileSync(join(bundle.folder, 'card.json'), 'utf8')) as ModelCard;

      it('was trained for the present definition', () => {
        checkBundleFits(bundle, { process, featureSet: featureSetVersion(definition) });
      });

      it('is small', () => {
        const files = ['manifest.json', ...Object.keys(bundle.manifest.files)];
        const bytes = files.reduce((sum, file) => sum + statSync(join(bundle.folder, file)).size, 0);
        assert.ok(bytes < 1_500_000, `${bytes} bytes`);
      });

      it('answers a row without values, with a wide interval', async () => {
        const predictor = await createPredictor(bundle);
        const { features, sequence, featureSet } = bundle.manifest;
        const width = sequence === null ? 0 : sequence.steps * sequence.channels;
        const row: FeatureRow = {
          asset: 'a',
          eventTime: 0,
          featureSet,
          values: features.map(() => Number.NaN),
          sequence: Buffer.from(new Float32Array(width).fill(Number.NaN).buffer),
          completeness: 0,
          repaired: 1,
          piece: {},
        };
        const [answer] = await predictor.predict([row]);
        await predictor.close();
        assert.equal(answer?.status, 'DEGRADED');
        assert.equal(answer.confidence, 0);
      });

      if (process === 'casting')
        it('is nearly as good as attainable, and the ensemble is better than each member', () => {
          const { heldOut } = card;
          assert.ok(heldOut !== null && (shareOfAttainable(heldOut) ?? 0) >= 0.95);
          const [ensemble, ...members] = heldOut.scores.slice(0, 1 + bundle.manifest.members.length);
          assert.equal(members.length, 2);
          for (const member of members)
            assert.ok(ensemble !== undefined && ensemble.prAuc > member.prAuc, member.name);
        });

      if (process === 'pump-rig')
        it('has the figures on SKAB that docs/models.md states, with complete files left out', () => {
          const ensemble = card.crossValidated.scores.find(({ name }) => name === 'ensemble');
          assert.ok(ensemble !== undefined && ensemble.rocAuc >= 0.9 && ensemble.prAuc >= 0.92);
          assert.ok(ensemble.warning.f1 >= 0.84);
          assert.match(card.plan, /leave whole assets out/);
        });

      it('is as good as documented, and better than the baselines', () => {
        const judged = card.heldOut ?? card.crossValidated;
        const [ensemble, ...others] = judged.scores;
        assert.ok(ensemble !== undefined && ensemble.rocAuc >= 0.88, String(ensemble?.rocAuc));
        for (const baseline of others.slice(bundle.manifest.members.length)) {
          assert.ok(ensemble.rocAuc > baseline.rocAuc && ensemble.prAuc > baseline.prAuc, baseline.name);
        }
        assert.ok((shareOfAttainable(judged) ?? 1) >= 0.9);
        assert.ok(Math.abs(bundle.manifest.interval.measured - bundle.manifest.interval.coverage) < 0.08);
      });
    });
  }
});
