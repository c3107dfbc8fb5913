import fc from 'fast-check';
import { featureNames } from '../../processes/plant.ts';
import { alertStateCodec } from '../../processors/alert/state.ts';
import { alertStep } from '../../processors/alert/step.ts';
import { featuresStateCodec } from '../../processors/features/state.ts';
import { featuresStep, type FeaturesInput } from '../../processors/features/step.ts';
import { championAlone } from '../../processors/predict/predictor.ts';
import { predictStep } from '../../processors/predict/step.ts';
import { validateStateCodec } from '../../processors/validate/state.ts';
import { validateStep } from '../../processors/validate/step.ts';
import type { StepRecord } from '../../stream/index.ts';
import { processorContract } from './contract.ts';
import { plainPredictor } from './predict/plain-predictor.ts';
import {
  mesEvent,
  prediction,
  reading,
  record,
  row,
  small,
  smallWithBaseline,
  validated,
} from './support.ts';

const assets = fc.constantFrom('E/S/A/L/C1', 'E/S/A/L/C2', 'E/S/A/L/unknown');
const time = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 60 }) },
  fc.double({ min: 0, max: 200, noNaN: true }),
);
const number = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 40, max: 60, noNaN: true }) },
  fc.constantFrom(null, NaN, Infinity, 199, 500, 50),
);
const values = fc.dictionary(fc.constantFrom('A', 'B', 'C', 'X'), number, { noNullPrototype: true });
const source = fc.constantFrom('one', 'two');

/** Roughly ascending times, so that windows end, with disorder, repeats and jumps. */
const scans = fc
  .array(fc.record({ asset: assets, time, values, source, ahead: fc.integer({ min: 0, max: 4 }) }), {
    maxLength: 60,
  })
  .map((drawn) =>
    drawn.map((each, index) => ({ ...each, at: index % 9 === 8 ? each.time : index + each.ahead })),
  );

/** One asset, second by second, with constant values and jumping levels, which only a step with memory can judge. */
const levels = fc
  .array(fc.constantFrom(50, 50, 50, 50, 50, 50, 50, 51, 150, 151, null), { minLength: 20, maxLength: 60 })
  .map((drawn) =>
    drawn.map((A, at) =>
      record({ from: 'readings' as const, value: reading({ at, values: { A, B: 20 + (at % 3) } }) }),
    ),
  );

const readingRecords = scans.map((drawn) =>
  drawn.map(({ asset, at, values: given, source: from }, offset) =>
    record(
      {
        from: 'readings' as const,
        value: { ...reading({ at, sequence: Math.floor(at), source: from, values: given }), asset },
      },
      { offset },
    ),
  ),
);

const mes = fc.record({
  asset: assets,
  at: fc.integer({ min: 0, max: 60 }),
  type: fc.constantFrom('STARTED' as const, 'CHANGED' as const, 'ENDED' as const),
  level: fc.constantFrom('batch', 'part', 'pallet'),
  id: fc.constantFrom('1', '2'),
  properties: fc.dictionary(fc.constantFrom('grade', 'other'), fc.string(), { noNullPrototype: true }),
});

const featureRecords = fc
  .tuple(scans, fc.array(mes, { maxLength: 10 }))
  .map(([drawn, events]): StepRecord<FeaturesInput>[] => [
    ...events.map(({ asset, at, type, level, id, properties }) =>
      record({ from: 'mes' as const, value: { ...mesEvent(at, type, level, id, properties), asset } }),
    ),
    ...drawn.map(({ asset, at, values: given, source: from }) =>
      record({
        from: 'readings' as const,
        value: { ...validated({ at, sequence: Math.floor(at), source: from, values: given }), asset },
      }),
    ),
  ]);

const rowRecords = fc
  .array(
    fc.record({
      asset: assets,
      featureSet: fc.constantFrom('set', 'other'),
      completeness: fc.double({ min: 0, max: 1, noNaN: true }),
      values: fc.array(fc.double({ min: -3, max: 3 }), {
        minLength: featureNames(small).length,
        maxLength: featureNames(small).length,
      }),
    }),
    { maxLength: 30 },
  )
  .map((drawn) =>
    drawn.map((change, index) => record({ from: 'features' as const, value: row(5 * index, change) })),
  );

const predictionRecords = fc
  .array(
    fc.record({
      asset: assets,
      skip: fc.constantFrom(1, 1, 1, 1, 0, 4),
      probability: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 8 }),
      value: fc.oneof(fc.double({ min: 60, max: 100 }), fc.constant(NaN)),
    }),
    { maxLength: 60 },
  )
  .map((drawn) => {
    let at = 0;
    return drawn.map(({ asset, skip, probability, value }) => {
      at += 5 * skip;
      const signals = [{ name: 'A.mean.short', value }];
      return record({
        from: 'predictions' as const,
        value: { ...prediction(at, probability, { signals }), asset },
      });
    });
  });

processorContract({
  step: validateStep(small),
  codec: validateStateCodec(small),
  records: fc.oneof(readingRecords, levels),
});
processorContract({ step: featuresStep(small), codec: featuresStateCodec(small), records: featureRecords });
processorContract({
  step: featuresStep(smallWithBaseline),
  codec: featuresStateCodec(smallWithBaseline),
  records: featureRecords,
});
processorContract({
  step: predictStep(small, () => championAlone(plainPredictor('set'))),
  codec: undefined,
  records: rowRecords,
});
processorContract({ step: alertStep(small), codec: alertStateCodec(), records: predictionRecords });
