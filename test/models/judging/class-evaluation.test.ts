import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadBundle, type Bundle } from '../../../models/bundle/bundle.ts';
import { evaluationPage } from '../../../models/cards/evaluation-page.ts';
import type { ClassJudgement } from '../../../models/judging/class-judgement.ts';
import { collectDataset } from '../../../models/data/collect-dataset.ts';
import type { Dataset } from '../../../models/data/labelled-dataset.ts';
import { evaluate, type Evaluation } from '../../../models/judging/evaluation.ts';
import { fullEffort } from '../../../models/learners/member-kind.ts';
import { createPredictor } from '../../../models/serving/bundle-predictor.ts';
import { train } from '../../../models/training/train-bundle.ts';
import { loadDefinition, parseDefinition } from '../../../processes/load.ts';
import type { ProcessDefinition } from '../../../processes/schema.ts';
import { featuresOffline } from '../../../processors/offline.ts';
import type { FeatureRow, QualityLabel } from '../../../schemas/generated/types.ts';
import { createCsvSource } from '../../../sources/csv/csv.ts';
import { CastwatchError } from '../../../base/errors.ts';
import { recordedData } from '../../support/data.ts';
import { seed } from '../../support/seed.ts';
import { wellFormed } from '../cards/well-formed.ts';
import { classesEffort, classesPlant, classesText, writeParts } from '../small-classes.ts';

const datasetOf = async (definition: ProcessDefinition, file: string): Promise<Dataset> =>
  collectDataset({ definition, records: await createCsvSource({ definition, files: [file] }) });

/** The served probabilities and the actual class of each row, without any code that judges. */
interface Served {
  readonly found: string;
  readonly said: ReadonlyMap<string, number>;
}

async function serve(definition: ProcessDefinition, bundle: Bundle, file: string): Promise<Served[]> {
  const rows: FeatureRow[] = [];
  const records = await createCsvSource({ definition, files: [file] });
  await featuresOffline({ definition, records, sinks: { features: (row) => rows.push(row) } });
  const labels: QualityLabel[] = [];
  for await (const batch of await createCsvSource({ definition, files: [file] }))
    for (const { topic, value } of batch) if (topic === 'qualityLabels') labels.push(value);
  const predictor = await createPredictor(bundle);
  const answers = await predictor.predict(rows);
  await predictor.close();
  return rows.flatMap(({ eventTime }, row) => {
    const label = labels.find((each) => each.eventTime < eventTime && eventTime <= each.until);
    if (label === undefined) return [];
    const said = new Map((answers[row]?.classes ?? []).map(({ name, probability }) => [name, probability]));
    return [{ found: label.value === 0 ? 'none' : (label.defect ?? ''), said }];
  });
}

/** The textbook's formulas, with names of classes instead of indices. */
function figuresOf(names: readonly string[], rows: readonly Served[]) {
  const called = rows.map(({ found, said }) => {
    const sure = Math.max(...said.values());
    const name = [...said].find(([, probability]) => probability === sure)?.[0] ?? '';
    return { found, name, sure, right: name === found };
  });
  const count = (test: (row: (typeof called)[number]) => boolean): number => called.filter(test).length;
  const parts = names.map((name) => {
    const hits = count((row) => row.right && row.name === name);
    const precision = hits / count((row) => row.name === name);
    const recall = hits / count((row) => row.found === name);
    return { precision, recall, f1: (2 * precision * recall) / (precision + recall) };
  });
  const confusion = names.map((found) =>
    names.map((name) => count((row) => row.found === found && row.name === name)),
  );
  const bySureness = called.toSorted((a, b) => a.sure - b.sure);
  let apart = 0;
  for (let bin = 0; bin < 10; bin += 1) {
    const [from, until] = [bin, bin + 1].map((edge) => Math.floor((edge * rows.length) / 10));
    const some = bySureness.slice(from, until);
    apart += Math.abs(some.reduce((sum, { sure, right }) => sum + sure - Number(right), 0));
  }
  return {
    accuracy: count(({ right }) => right) / rows.length,
    macroF1: parts.reduce((sum, { f1 }) => sum + f1, 0) / names.length,
    logLoss: -rows.reduce((sum, { found, said }) => sum + Math.log(said.get(found) ?? 0), 0) / rows.length,
    parts,
    confusion,
    calibrationError: apart / rows.length,
  };
}

const near = (actual: number | null | undefined, expected: number, what: string): void => {
  assert.ok(Math.abs((actual ?? NaN) - expected) < 1e-9, `${what}: ${actual} instead of ${expected}`);
};

function sameFigures(judged: ClassJudgement, expected: ReturnType<typeof figuresOf>): void {
  const [model] = judged.scores;
  near(model?.accuracy, expected.accuracy, 'accuracy');
  near(model?.macroF1, expected.macroF1, 'macro-F1');
  near(model?.logLoss, expected.logLoss, 'log loss');
  near(judged.calibrationError, expected.calibrationError, 'calibration error');
  assert.deepEqual(judged.confusion, expected.confusion);
  expected.parts.forEach(({ precision, recall, f1 }, kind) => {
    near(judged.parts[kind]?.precision, precision, 'precision');
    near(judged.parts[kind]?.recall, recall, 'recall');
    near(judged.parts[kind]?.f1, f1, 'F1');
  });
}

describe('an evaluation of classes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-evaluate-classes-'));
  const learnt = writeParts(folder, 'learnt', 300, seed);
  const unseen = writeParts(folder, 'unseen', 400, seed + 1);
  const made = { command: 'npm run evaluate', commit: 'abc' };
  let bundle: Bundle;
  let dataset: Dataset;
  let evaluation: Evaluation;
  const judged = (data: Dataset, allowSeen = false, definition = classesPlant): Promise<Evaluation> =>
    evaluate({ definition, bundle, dataset: data, seed: 1, allowSeen, made });

  before(async function () {
    this.timeout(120_000);
    const trained = await train({
      definition: classesPlant,
      dataset: await datasetOf(classesPlant, learnt),
      out: folder,
      seed,
      effort: classesEffort,
    });
    bundle = loadBundle(trained.folder);
    dataset = await datasetOf(classesPlant, unseen);
    evaluation = await judged(dataset);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const judgement = (): ClassJudgement => {
    assert.ok(evaluation.classes !== undefined);
    return evaluation.classes.judgement;
  };

  it('has the textbook figures of the served probabilities', async () => {
    const served = await serve(classesPlant, bundle, unseen);
    assert.equal(served.length, dataset.labels.length);
    assert.equal(judgement().rows, served.length);
    assert.deepEqual(judgement().names, ['none', 'crack', 'hole']);
    sameFigures(judgement(), figuresOf(['none', 'crack', 'hole'], served));
    const [model] = judgement().scores;
    assert.ok(model !== undefined && model.accuracy > 0.65, JSON.stringify(model));
    const [low, high] = model.accuracyBetween ?? [1, 0];
    assert.ok(low < model.accuracy && model.accuracy < high);
    // With this number of rows, 90 % of the draws are within about 1.64 standard errors on each side.
    const width = 2 * 1.645 * Math.sqrt((model.accuracy * (1 - model.accuracy)) / judgement().rows);
    assert.ok(Math.abs((high - low) / width - 1) < 0.3, `${high - low} beside ${width}`);
  });

  it('has baselines fitted on other rows that were drawn at random, because the file is sorted by class', () => {
    const [, logistic, frequent] = judgement().scores;
    assert.deepEqual([logistic?.name, frequent?.name], ['logistic regression', 'most frequent class']);
    // Always calls `none`: half of the rows, whose F1 counts for a third.
    const counts = judgement().parts.map(({ rows }) => rows);
    const [none = 0, all] = [counts[0], counts.reduce((sum, rows) => sum + rows, 0)];
    near(frequent?.accuracy, none / all, 'accuracy');
    near(frequent?.macroF1, (2 * none) / (none + all) / 3, 'macro-F1');
    const entropy = -counts.reduce((sum, rows) => sum + (rows / all) * Math.log(rows / all), 0);
    assert.ok(Math.abs((frequent?.logLoss ?? 0) - entropy) < 1e-3);
    // Three clouds of the same shape: straight borders are the best ones.
    assert.ok((logistic?.accuracy ?? 0) > 0.75, JSON.stringify(logistic));
  });

  it('also judges the classes to warn of, as any other target', () => {
    assert.deepEqual(evaluation.classes?.warnOf, ['crack']);
    assert.equal(evaluation.judgement.positives, judgement().parts[1]?.rows);
    // the probability of the one class to warn of ranks rows as that class alone does
    near(evaluation.judgement.scores[0]?.rocAuc, judgement().parts[1]?.rocAuc ?? NaN, 'ROC-AUC');
    for (const { name, rocAuc } of evaluation.judgement.scores) assert.ok(rocAuc > 0.7, `${name} ${rocAuc}`);
  });

  it('is refused on data that the bundle was trained on, unless it is allowed', async () => {
    const same = await datasetOf(classesPlant, learnt);
    await assert.rejects(
      judged(same),
      (error: unknown) => error instanceof CastwatchError && error.code === 'INPUT',
    );
    const seen = await judged(same, true);
    assert.match(seen.seen ?? '', /trained on/);
    assert.ok((seen.classes?.judgement.scores[0]?.accuracy ?? 0) > (judgement().scores[0]?.accuracy ?? 1));
  });

  it('is refused where the definition has other classes, or warns of others', async () => {
    for (const [from, to] of [
      ['warnOf: [crack]', 'warnOf: [crack, hole]'],
      ['classes: [none, crack, hole]', 'classes: [none, hole, crack]'],
      [/ {2}classes: .*\n {2}warnOf: .*\n/, ''],
    ] as const) {
      const other = parseDefinition(classesText.replace(from, to), 'other.yaml');
      await assert.rejects(
        judged(dataset, false, other),
        (error: unknown) =>
          error instanceof CastwatchError && error.code === 'MODEL' && /has the classes/.test(error.message),
      );
    }
  });

  it('makes a page that is well formed, with the classes before the warnings', () => {
    const html = evaluationPage(evaluation);
    wellFormed(html);
    const [classes, warns] = ['How well it distinguishes the classes', 'How well it warns'].map((heading) =>
      html.indexOf(`<h2>${heading}</h2>`),
    );
    assert.ok(classes !== undefined && warns !== undefined && classes > 0 && warns > classes);
    const row = judgement().confusion[1] ?? [];
    assert.ok(html.includes(`<th scope="row">crack</th>${row.map((n) => `<td>${n}</td>`).join('')}`));
    assert.match(html, /Macro-F1/);
    // rows in no order have no lead time
    assert.equal(evaluation.judgement.lead, null);
    assert.doesNotMatch(html, /episodes/i);
    assert.match(html, /What follows is about crack: what a warning is about\./);
  });
});

describe('an evaluation on real plates that were kept from training', () => {
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-evaluate-plates-'));
  const definition = loadDefinition(
    join(resolve(import.meta.dirname, '../../..'), 'processes/steel-plates.yaml'),
  );
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('calls three in four right, and has the textbook figures of the served probabilities', async function () {
    this.timeout(240_000);
    const lines = readFileSync(join(recordedData(this, 'uci_steel_plates'), 'Faults.NNA'), 'utf8')
      .trim()
      .split('\n');
    const [learnt, unseen] = ['learnt', 'unseen'].map((name) => join(folder, `${name}.NNA`)) as [
      string,
      string,
    ];
    writeFileSync(learnt, `${lines.filter((_, line) => line % 3 !== 0).join('\n')}\n`);
    writeFileSync(unseen, `${lines.filter((_, line) => line % 3 === 0).join('\n')}\n`);
    const effort = { ...fullEffort, folds: 2, rounds: 48 };
    const { folder: written } = await train({
      definition,
      dataset: await datasetOf(definition, learnt),
      out: folder,
      seed: 1,
      effort,
    });
    const bundle = loadBundle(written);
    const dataset = await datasetOf(definition, unseen);
    const made = { command: 'npm run evaluate', commit: null };
    const { classes } = await evaluate({ definition, bundle, dataset, seed: 1, allowSeen: false, made });
    assert.ok(classes !== undefined);
    const served = await serve(definition, bundle, unseen);
    sameFigures(classes.judgement, figuresOf(classes.judgement.names, served));
    const [model, ...baselines] = classes.judgement.scores;
    assert.ok(model !== undefined && model.accuracy > 0.75 && model.macroF1 > 0.75, JSON.stringify(model));
    for (const each of baselines) assert.ok(each.accuracy < model.accuracy, JSON.stringify(each));
  });
});
