import assert from 'node:assert/strict';
import fc from 'fast-check';
import { featureSetVersion } from '../../processes/plant.ts';
import { featuresOffline, runOffline, type OfflineRecord } from '../../processors/offline.ts';
import type {
  Alert,
  FeatureRow,
  Prediction,
  RejectedReading,
  ValidatedReading,
} from '../../schemas/generated/types.ts';
import { seed } from '../support/seed.ts';
import { plainPredictor } from './predict/plain-predictor.ts';
import { reading, small, type Scan } from './support.ts';
import { untidyRecords } from './untidy.ts';

const predictor = plainPredictor(featureSetVersion(small));

async function collect(records: readonly OfflineRecord[], batch = 100) {
  const all = {
    validated: [] as ValidatedReading[],
    rejected: [] as RejectedReading[],
    features: [] as FeatureRow[],
    predictions: [] as Prediction[],
    alerts: [] as Alert[],
    dropped: [] as string[],
  };
  const batches = Array.from({ length: Math.ceil(records.length / batch) }, (_, index) =>
    records.slice(index * batch, (index + 1) * batch),
  );
  await runOffline({
    definition: small,
    predictor,
    records: batches,
    sinks: {
      validatedReadings: (value) => all.validated.push(value),
      rejectedReadings: (value) => all.rejected.push(value),
      features: (value) => all.features.push(value),
      predictions: (value) => all.predictions.push(value),
      alerts: (value) => all.alerts.push(value),
      dropped: (step, reason) => all.dropped.push(`${step} ${reason}`),
    },
  });
  return all;
}

describe('offline', () => {
  const records = untidyRecords(seed, 1_500);
  const readings = records.filter(({ topic }) => topic === 'sensorReadings').length;

  it('runs the steps, and accounts for every reading', async () => {
    const { validated, rejected, features, predictions, alerts } = await collect(records);
    assert.equal(validated.length + rejected.filter(({ dropped }) => dropped).length, readings);
    assert.equal(predictions.length, features.length);
    assert.ok(features.length >= 2 * 280, `${features.length} rows`);
    assert.ok(predictions.filter(({ status }) => status === 'OK').length > 500);
    assert.ok(predictions.slice(-100).every(({ piece }) => piece['part'] !== undefined));
    const raised = alerts.filter(({ transition }) => transition === 'RAISED');
    assert.ok(raised.filter(({ rule }) => rule === 'high').length >= 15);
  });

  it('gives the same results for batches of any size', async () => {
    assert.deepEqual(await collect(records, 1), await collect(records, 10_000));
  });

  it('gives the same results when every record comes twice, apart from the repeats', async () => {
    const [once, twice] = [await collect(records), await collect([...records, ...records])];
    for (const topic of ['validated', 'features', 'predictions', 'alerts'] as const)
      assert.deepEqual(twice[topic], once[topic]);
    const repeats = twice.rejected.slice(once.rejected.length);
    assert.equal(repeats.length, readings);
    assert.ok(repeats.every(({ rejections: [first] }) => first?.reason === 'DUPLICATE'));
  });

  it('makes the same rows for training as for serving, and passes labels through', async () => {
    const rows: FeatureRow[] = [];
    const label = {
      asset: 'x',
      eventTime: 0,
      until: 1,
      target: 'bad',
      value: 1,
      defect: null,
      piece: {},
      source: 's',
      foundAt: 2,
    };
    const labels: unknown[] = [];
    await featuresOffline({
      definition: small,
      records: [[...records, { topic: 'qualityLabels', value: label, timestamp: 2 }]],
      sinks: { features: (row) => rows.push(row), qualityLabels: (value) => labels.push(value) },
    });
    assert.deepEqual(rows, (await collect(records)).features);
    assert.deepEqual(labels, [label]);
  });

  it('gives the rows of the right order for any disorder within the grace period and any repeats', async () => {
    const tidy = (at: number): Scan => ({
      at,
      values: { A: 50 + 3 * Math.sin(at), B: 20 + Math.cos(at), C: 1.5 },
    });
    const published = (at: number): OfflineRecord => {
      const value = reading(tidy(at));
      return { topic: 'sensorReadings', value, timestamp: value.eventTime };
    };
    const arrivals = fc.array(
      fc.record({
        delay: fc.integer({ min: 0, max: 5 }),
        again: fc.option(fc.integer({ min: 0, max: 30 }), { freq: 2 }),
      }),
      { minLength: 1, maxLength: 80 },
    );
    const featuresOf = async (order: readonly number[]) => {
      const last = Math.max(...order) + 30; // closes the windows
      return (await collect([...order, last].map(published))).features;
    };
    await fc.assert(
      fc.asyncProperty(arrivals, async (drawn) => {
        const clean = drawn.map((_, at) => at);
        const untidy = drawn
          .flatMap(({ delay, again }, at) => [
            { at, due: at + delay },
            ...(again === null ? [] : [{ at, due: at + delay + again }]),
          ])
          .sort((a, b) => a.due - b.due)
          .map(({ at }) => at);
        assert.deepEqual(await featuresOf(untidy), await featuresOf(clean));
      }),
      { seed, numRuns: 60 },
    );
  });
});
