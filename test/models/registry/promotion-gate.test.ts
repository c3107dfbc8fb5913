import assert from 'node:assert/strict';
import { join } from 'node:path';
import { CastwatchError } from '../../../base/errors.ts';
import { readFigures, type CardFigures, type CardScore } from '../../../models/bundle/card-figures.ts';
import { bundlesFolder, loadChampion } from '../../../models/bundle/champion-file.ts';
import { describeBundle } from '../../../models/bundle/places.ts';
import { promote } from '../../../models/registry/decisions.ts';
import { ModelRegistry } from '../../../models/registry/model-registry.ts';
import { promotionGate, refusalsOf } from '../../../models/registry/promotion-gate.ts';
import { loadDefinition } from '../../../processes/load.ts';
import { topicNames } from '../../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../../schemas/registry/serde.ts';
import { MemoryBroker, MemoryTransport } from '../../../stream/index.ts';

const project = join(import.meta.dirname, '../../..');
const definition = loadDefinition(join(project, 'processes/casting.yaml'));
const shipped = loadChampion('casting');
const { manifest } = shipped;
const figures = readFigures(shipped.folder);
const champion = { bundle: 'casting-old', ...figures };

const withScore = (changed: Partial<CardScore>): CardFigures => ({
  ...figures,
  ensemble: { ...figures.ensemble, ...changed },
});
const refused = (mine: CardFigures, other?: typeof champion): readonly string[] =>
  refusalsOf(definition, manifest, mine, other).map(({ what }) => what);

describe('the gate of promotions', () => {
  it('lets the shipped bundles pass, also beside themselves', () => {
    for (const process of ['casting', 'pump-rig']) {
      const { folder, manifest: its } = loadChampion(process);
      const plant = loadDefinition(join(project, `processes/${process}.yaml`));
      assert.deepEqual(
        refusalsOf(plant, its, readFigures(folder), { bundle: 'x', ...readFigures(folder) }),
        [],
      );
    }
  });

  it('refuses figures that are not numbers, and says why they are not', () => {
    const [what = '', ...more] = refused({ ...withScore({ rocAuc: NaN, prAuc: NaN }), positives: 0 });
    assert.match(
      what,
      /^ROC-AUC, PR-AUC: not a number, because 0 of the 53976 held-out rows have the target$/,
    );
    assert.deepEqual(more, []);
  });

  it('refuses a bundle that is worse than a baseline beyond noise, and names both figures with their ranges', () => {
    const { between } = figures.ensemble;
    const [what = ''] = refused(withScore({ prAuc: 0.4, between: { ...between, prAuc: [0.38, 0.42] } }));
    assert.match(
      what,
      /^PR-AUC 0\.400 \(0\.380 to 0\.420\) is worse than 0\.519 \(0\.\d+ to 0\.\d+\) of the baseline "logistic regression"$/,
    );
    const noisy = withScore({ prAuc: 0.4, between: { ...between, prAuc: [0.2, 0.6] } });
    assert.deepEqual(refused(noisy), []);
  });

  it('does not mind when a member of the ensemble is better', () => {
    const others = figures.others.map((each) => (each.name === 'lstm' ? { ...each, prAuc: 0.99 } : each));
    assert.deepEqual(refused({ ...figures, others }), []);
  });

  it('refuses a bundle that is worse than the champion; on other rows it compares only ROC-AUC', () => {
    const worse = withScore({ rocAuc: 0.91, prAuc: 0.6 });
    assert.equal(refused(worse).length, 0);
    assert.deepEqual(
      refused(worse, champion).map((what) => what.split(' ')[0]),
      ['ROC-AUC', 'PR-AUC'],
    );
    const elsewhere = refused(worse, { ...champion, data: 'another' });
    assert.deepEqual(
      elsewhere.map((what) => what.split(' ')[0]),
      ['ROC-AUC'],
    );
    assert.match(elsewhere[0] ?? '', /of the champion casting-old$/);
  });

  it('does not compare with a champion whose figures are not numbers', () => {
    const broken = { ...champion, ensemble: { ...champion.ensemble, rocAuc: NaN, prAuc: NaN } };
    assert.deepEqual(refused(figures, broken), []);
  });

  it('refuses a bundle that has never seen a tag', () => {
    const blind = (tag: string) => ({
      ...manifest,
      features: manifest.features.map((each) =>
        each.name.startsWith(`${tag}.`) ? { ...each, seen: null, usual: null } : each,
      ),
    });
    const [refusal] = refusalsOf(definition, blind('Mould/Level'), figures);
    assert.equal(refusal?.what, 'no training row has a value of Mould/Level');
    assert.match(refusal.remedy, /Correct the names of the tags/);
  });

  it('keeps what was refused in the entry of a forced promotion, next to the reason', async () => {
    const broker = new MemoryBroker();
    const topic = topicNames().models;
    broker.createTopic(topic, 1);
    const codec = serdeWithoutRegistry().codec('models');
    const registry = new ModelRegistry({ transport: new MemoryTransport(broker), codec, topic });
    const bundle = describeBundle(shipped, bundlesFolder);
    const real = promotionGate(definition, bundlesFolder);
    assert.deepEqual(real(bundle, undefined), []);
    const gate = () => [{ what: 'ROC-AUC: not a number', remedy: 'Train on more.' }];
    const decision = { by: 'Ada', why: 'a trial on the weekend' };

    await assert.rejects(promote(registry, 'casting', bundle, decision, gate), (error: unknown) => {
      assert.ok(error instanceof CastwatchError && error.code === 'MODEL');
      assert.equal(error.message, `${bundle.bundle} may not become champion: ROC-AUC: not a number`);
      assert.match(error.remedy ?? '', /^Train on more\. To promote it all the same: --force --why/);
      return true;
    });
    assert.deepEqual(await registry.entries('casting'), []);

    await promote(registry, 'casting', bundle, { ...decision, force: true }, gate);
    const [entry] = await registry.entries('casting');
    assert.equal(entry?.why, 'a trial on the weekend (forced although ROC-AUC: not a number)');
    assert.equal(entry.by, 'Ada');
  });
});
