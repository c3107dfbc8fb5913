/** The real command `draft`: what it proposes is valid, and the file can be read with it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDefinition } from '../../../processes/load.ts';
import { createCsvSource } from '../../../sources/csv/csv.ts';

const project = join(import.meta.dirname, '../../..');

describe('castwatch draft', function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-draft-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (...words: string[]) =>
    spawnSync(process.execPath, ['cli/castwatch.ts', ...words], { cwd: project, encoding: 'utf8' });

  /** The readings and labels that the file gives with the drafted definition, and the number of rows it could not read. */
  async function replayed(out: string, file: string) {
    const definition = loadDefinition(out);
    const source = await createCsvSource({ definition, files: [file] });
    const counts = { readings: 0, labels: 0, measurements: 0 };
    for await (const batch of source)
      for (const record of batch)
        if (record.topic === 'sensorReadings' && record.value !== null) {
          counts.readings += 1;
          counts.measurements += record.value.measurements.length;
        } else if (record.topic === 'qualityLabels') counts.labels += 1;
    return { definition, counts };
  }

  it('proposes a definition that passes `check` and reads the file', async () => {
    const file = join(project, 'test/data/pump-rig/valve1/0.csv');
    const out = join(folder, 'my-pump.yaml');
    const { status, stdout, stderr } = run('draft', file, '--out', out);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /wrote .*my-pump\.yaml/);
    assert.equal(run('check', out).status, 0);
    const { definition, counts } = await replayed(out, file);
    const rows = readFileSync(file, 'utf8').trim().split('\n').length - 1;
    assert.equal(definition.process, 'my-pump');
    assert.equal(definition.time.period, 1_000);
    assert.equal(definition.csv?.label, 'anomaly');
    assert.equal(counts.readings, rows);
    assert.equal(counts.measurements, rows * definition.tags.length);
    assert.ok(counts.labels > 0);
    assert.equal(run('draft', file, '--out', out).status, 64);
  });

  it('sees German files: semicolons, decimal commas, times such as 01.02.2026 13:00:00', async () => {
    const file = join(folder, 'ofen.csv');
    const rows = Array.from({ length: 40 }, (_, index) =>
      [`13.02.2026 13:00:${String(index).padStart(2, '0')}`, `${700 + index},5`, 'gut', '3,25'].join(';'),
    );
    writeFileSync(file, ['Zeit;Temperatur °C;Schicht;Druck', ...rows, ''].join('\n'));
    const out = join(folder, 'ofen.yaml');
    const { status, stderr } = run('draft', file, '--out', out);
    assert.equal(status, 0, stderr);
    const { definition, counts } = await replayed(out, file);
    assert.deepEqual(
      definition.tags.map(({ id }) => id),
      ['Temperatur_C', 'Druck'],
    );
    assert.deepEqual([definition.csv?.decimal, definition.csv?.time?.format], [',', 'dd.MM.yyyy HH:mm:ss']);
    assert.deepEqual(definition.csv?.ignore, ['Schicht']);
    assert.equal(counts.measurements, 80);
  });

  it('says which columns it looked at where there is no time', () => {
    const file = join(folder, 'no-time.csv');
    writeFileSync(file, 'a,b\n1,2\n3,4\n');
    const { status, stderr } = run('draft', file);
    assert.equal(status, 65);
    assert.match(
      stderr,
      /no-time\.csv: no definition can be proposed: none of its columns has times.*: a, b/,
    );
  });
});
