/** The steps and codecs by themselves, in one thread and without Kafka: the cost of each per record. */
import { loadChampion } from '../../models/bundle/champion-file.ts';
import { createPredictor } from '../../models/serving/bundle-predictor.ts';
import { featuresStep } from '../../processors/features/step.ts';
import { validateStep } from '../../processors/validate/step.ts';
import { openDefinition } from '../../roles/open-definition.ts';
import type { FeatureRow, SensorReading, ValidatedReading } from '../../schemas/generated/types.ts';
import { serdeWithoutRegistry } from '../../schemas/registry/serde.ts';
import type { Codec, Input, Output, Step } from '../../stream/index.ts';
import { inputRecords } from '../measuring/encoded-dataset.ts';
import { barOf } from '../reporting/plot.ts';
import { spreadOf } from '../reporting/spread.ts';
import { textTable } from '../reporting/text-table.ts';
import type { Benchmark, BenchmarkOptions, BenchmarkOutcome } from './benchmark.ts';

const cells = 200;
const batches = [1, 16, 256];

export const steps: Benchmark = {
  name: 'steps',
  title: 'decode, validate, features, encode and inference by themselves',
  run,
};

interface Measured {
  readonly what: string;
  /** µs each, by repeat. */
  readonly micros: readonly number[];
}

async function run({ repeats = 3, records = 60_000, say }: BenchmarkOptions): Promise<BenchmarkOutcome> {
  const definition = openDefinition({ process: 'processes/casting.yaml', cells });
  const serde = serdeWithoutRegistry();
  const codecs = {
    readings: serde.codec('sensorReadings'),
    validated: serde.codec('validatedReadings'),
    features: serde.codec('features'),
  };
  const readings: SensorReading[] = [];
  for await (const record of inputRecords({ definition, count: records, seed: '1' }))
    if (record.topic === 'sensorReadings') readings.push(record.value);
  const published = (index: number): number => readings[index]?.eventTime ?? 0;

  const validate = (): readonly ValidatedReading[] =>
    runStep(validateStep(definition), 'readings', readings, published).flatMap(({ to, value }) =>
      to === 'validated' ? [value] : [],
    );
  const validated = validate();
  const features = (): readonly FeatureRow[] =>
    runStep(featuresStep(definition), 'readings', validated, published).flatMap(({ to, value }) =>
      to === 'features' ? [value] : [],
    );
  const rows = features();
  const bytes = {
    readings: readings.map((value) => codecs.readings.encode(value)),
    validated: validated.map((value) => codecs.validated.encode(value)),
  };

  const measured: Measured[] = [];
  const measure = async (what: string, count: number, work: () => unknown): Promise<void> => {
    await work(); // warm-up
    const micros: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const began = performance.now();
      await work();
      micros.push(((performance.now() - began) * 1_000) / count);
    }
    measured.push({ what, micros });
    say(`  ${what}: ${spreadOf(micros, 2)} µs`);
  };
  await measure('decode a reading', readings.length, () => decodeAll(codecs.readings, bytes.readings));
  await measure('validate a reading', readings.length, validate);
  await measure('encode a validated reading', validated.length, () => encodeAll(codecs.validated, validated));
  await measure('decode a validated reading', validated.length, () =>
    decodeAll(codecs.validated, bytes.validated),
  );
  await measure('features, per reading (one row every five)', validated.length, features);
  await measure('encode a feature row', rows.length, () => encodeAll(codecs.features, rows));

  const predictor = await createPredictor(loadChampion(definition.process));
  try {
    for (const size of batches) {
      const taken = rows.slice(0, Math.max(256, Math.min(rows.length, size * 64)));
      await measure(`predict a row, in batches of ${size}`, taken.length, async () => {
        for (let from = 0; from < taken.length; from += size)
          await predictor.predict(taken.slice(from, from + size));
      });
    }
  } finally {
    await predictor.close();
  }
  return {
    agrees: undefined, // all other benchmarks check the steps' outputs
    text: textTable(
      ['', 'µs each'],
      measured.map(({ what, micros }) => [what, spreadOf(micros, 2)]),
    ),
    plots: [
      { name: 'steps', title: 'µs each', bars: measured.map(({ what, micros }) => barOf(what, micros)) },
    ],
    data: { cells, records, repeats, measured },
  };
}

function runStep<In extends Input, Out extends Output, State>(
  step: Step<In, Out, State>,
  from: In['from'],
  values: readonly { readonly asset: string }[],
  published: (index: number) => number,
): readonly Out[] {
  const states = new Map<string, State>();
  const out: Out[] = [];
  for (const [index, value] of values.entries()) {
    let state = states.get(value.asset);
    if (state === undefined) states.set(value.asset, (state = step.create(value.asset)));
    const record = {
      input: { from, value } as Input as In,
      ...{ key: value.asset, timestamp: published(index), topic: 'bench', partition: 0, offset: index },
      headers: undefined,
    };
    const outcome = step.process(record, state, undefined);
    if (outcome.kind === 'emit') out.push(...outcome.records);
  }
  return out;
}

/** Returns a sum, so that the compiler cannot remove the work as unused. */
function decodeAll(codec: Codec<unknown>, all: readonly Buffer[]): number {
  let found = 0;
  for (const bytes of all) if (codec.decode(bytes) !== undefined) found++;
  return found;
}

function encodeAll<T>(codec: Codec<T>, all: readonly T[]): number {
  let bytes = 0;
  for (const value of all) bytes += codec.encode(value).length;
  return bytes;
}
