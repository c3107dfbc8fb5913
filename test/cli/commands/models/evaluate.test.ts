/** The real command on a bundle with classes: what it prints, what it writes, and how it ends. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { percent } from '../../../../base/text.ts';
import type { ClassEvaluation } from '../../../../models/judging/class-evaluation.ts';
import { collectDataset } from '../../../../models/data/collect-dataset.ts';
import type { Evaluation } from '../../../../models/judging/evaluation.ts';
import { train } from '../../../../models/training/train-bundle.ts';
import { createCsvSource } from '../../../../sources/csv/csv.ts';
import { wellFormed } from '../../../models/cards/well-formed.ts';
import { classesEffort, classesPlant, classesText, writeParts } from '../../../models/small-classes.ts';
import { seed } from '../../../support/seed.ts';

const project = join(import.meta.dirname, '../../../..');

describe('castwatch evaluate, for a target with classes', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-cli-evaluate-'));
  const out = join(folder, 'judged');
  const definition = join(folder, 'parts.yaml');
  const learnt = writeParts(folder, 'learnt', 240, seed);
  const unseen = writeParts(folder, 'unseen', 160, seed + 1);
  let bundle: string;

  before(async function () {
    this.timeout(120_000);
    writeFileSync(definition, classesText);
    const records = await createCsvSource({ definition: classesPlant, files: [learnt] });
    const dataset = await collectDataset({ definition: classesPlant, records });
    const effort = classesEffort;
    bundle = (await train({ definition: classesPlant, dataset, out: folder, seed, effort })).folder;
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const evaluate = (data: string, ...words: string[]) =>
    spawnSync(
      process.execPath,
      ['cli/castwatch.ts', 'evaluate', '--process', definition, '--bundle', bundle, '--data', data, ...words],
      { cwd: project, encoding: 'utf8' },
    );

  it('prints the classes as JSON, and writes them to the files', () => {
    const { status, stdout, stderr } = evaluate(unseen, '--out', out, '--json');
    assert.equal(status, 0, stderr);
    const said = JSON.parse(stdout) as { classes: ClassEvaluation; ensemble: { rocAuc: number } };
    const written = JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8')) as Evaluation;
    assert.deepEqual(said.classes, written.classes);
    assert.ok(said.ensemble.rocAuc > 0.6);
    const { rows, scores, confusion, parts } = said.classes.judgement;
    const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
    assert.equal(sum(confusion.flat()), rows);
    assert.equal(scores[0]?.accuracy, sum(confusion.map((row, kind) => row[kind] ?? 0)) / rows);
    assert.deepEqual(
      parts.map(({ name, rows: found }) => [name, found]),
      confusion.map((row, kind) => [['none', 'crack', 'hole'][kind], sum(row)]),
    );
    const html = readFileSync(join(out, 'evaluation.html'), 'utf8');
    wellFormed(html);
    assert.match(html, /What it was \(rows\), and what it was called \(columns\)/);
  });

  it('prints the classes in words', () => {
    const { status, stdout, stderr } = evaluate(unseen, '--out', out);
    assert.equal(status, 0, stderr);
    const written = JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8')) as Evaluation;
    assert.ok(written.classes !== undefined);
    const { scores, parts, confusion } = written.classes.judgement;
    const row = (name: string, ...cells: (number | string | null)[]) => {
      const texts = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(3) : cell));
      return new RegExp(`^ +${name} +${texts.join('[ (].*')}`, 'm');
    };
    for (const { name, accuracy, macroF1, logLoss } of scores)
      assert.match(stdout, row(name, accuracy, macroF1, logLoss));
    for (const { name, rows, precision, recall, f1 } of parts)
      assert.match(stdout, row(name, String(rows), precision, recall, f1));
    confusion.forEach((counts, kind) => {
      assert.match(stdout, new RegExp(`^ +${parts[kind]?.name} +${counts.join(' +')}$`, 'm'));
    });
    assert.match(stdout, /What follows is about crack: what a warning is about\.\n\d+ rows, /);
    const rate = written.judgement.scores[0]?.warning.falseAlarmRate ?? NaN;
    assert.match(
      stdout,
      new RegExp(`warns of .* of its warnings are right\\. ${percent(rate)} of the rows without the target`),
    );
    const { coverage, measured } = written.interval;
    assert.ok(
      stdout.includes(
        `interval is ${percent(coverage)}; the measured coverage here is ${percent(measured)} of the rows`,
      ),
    );
    assert.equal(stdout.includes('That is far less'), measured < coverage - 0.1);
  });

  it('exits with 65 on data that the bundle was trained on', () => {
    const { status, stderr } = evaluate(learnt, '--out', out);
    assert.equal(status, 65, stderr);
    assert.match(stderr, /the bundle was trained on this data/);
  });

  it('refuses a time span for files, because it would have no effect', () => {
    const { status, stderr } = evaluate(unseen, '--since', '2026-03-01T00:00:00Z');
    assert.equal(status, 64);
    assert.match(stderr, /--since and --until work with topic and db only; this history is from csv/);
  });

  it('says that a process has no champion, and what to do', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['cli/castwatch.ts', 'evaluate', '--process', definition, '--data', unseen],
      { cwd: project, encoding: 'utf8' },
    );
    assert.notEqual(status, 0);
    assert.match(stderr, /parts has no champion: there is no .*champion\.json/);
    assert.match(stderr, /--bundle, or train one with --promote/);
  });
});
