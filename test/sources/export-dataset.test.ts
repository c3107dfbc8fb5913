import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportDataset } from '../../sources/export-dataset.ts';
import { createSimulator } from '../../sources/simulator/simulator.ts';
import { casting, collect, hours, readingsOf, start } from './plants.ts';

const seed = 'a data set';

describe('sources/dataset', () => {
  let out: string;
  before(async () => {
    out = await mkdtemp(join(tmpdir(), 'castwatch-dataset-'));
  });
  after(() => rm(out, { recursive: true }));

  it('writes the simulator’s records, and the truth', async () => {
    const definition = casting('S1', 'S2');
    const duration = 3 * hours;
    const truth = await exportDataset({ definition, seed, start, duration, out });
    const table = async (name: string) =>
      (await readFile(join(out, name), 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => line.split(','));

    const readings = readingsOf(await collect(createSimulator({ definition, seed, start, duration })));
    for (const cell of ['S1', 'S2']) {
      const [header, ...rows] = await table(`readings/${cell}.csv`);
      assert.deepEqual(header, ['time', ...definition.tags.map((tag) => tag.id)]);
      const own = readings.filter((record) => record.value.asset.endsWith(`/${cell}`));
      assert.equal(rows.length, own.length);
      rows.forEach(([time, ...values], place) => {
        const value = own[place]?.value;
        assert.equal(Date.parse(time ?? ''), value?.eventTime);
        assert.deepEqual(
          values.map(Number),
          value?.measurements.map((measurement) => measurement.value),
        );
      });
    }
    const spans = (2 * duration) / definition.features.hop;
    const labels = (await table('labels.csv')).slice(1);
    const probabilities = (await table('truth.csv')).slice(1);
    assert.equal(labels.length, spans);
    assert.equal(probabilities.length, spans);
    const drawn = new Map(probabilities.map(([asset, from, , , label]) => [`${asset} ${from}`, label]));
    for (const [asset, from, , , value] of labels) assert.equal(value, drawn.get(`${asset} ${from}`));

    assert.deepEqual(JSON.parse(await readFile(join(out, 'truth.json'), 'utf8')), truth);
    assert.equal(truth.spans, spans);
    assert.equal(truth.defects, labels.filter((label) => label[4] === '1').length);
    assert.ok(truth.rocAuc > 0.8 && truth.rocAuc < 1);
    assert.equal(truth.end, new Date(start + duration).toISOString());
  });

  it('reports that it cannot write', async () => {
    const nowhere = join(out, 'truth.json', 'in', 'a', 'file');
    await assert.rejects(
      exportDataset({ definition: casting(), seed, start, duration: hours, out: nowhere }),
    );
  });
});
