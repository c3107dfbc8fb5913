/** The steps under test, wired for golden data: with the schema ids and the bundle that the data was recorded with. */
import { join } from 'node:path';
import { loadBundle } from '../../models/bundle/bundle.ts';
import { bundlesFolder } from '../../models/bundle/champion-file.ts';
import { createPredictor, type OpenPredictor } from '../../models/serving/bundle-predictor.ts';
import { parseDefinition } from '../../processes/load.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Models } from '../../processors/predict/predictor.ts';
import type { StepName } from '../../processors/topology.ts';
import { processorFor } from '../../processors/wiring.ts';
import { avroType, parseSchema } from '../../schemas/avro/avro-types.ts';
import { avroTopicIds, topicNames, type AvroTopicId } from '../../schemas/catalogue.ts';
import { AvroCodec } from '../../schemas/avro/codec.ts';
import type { Serde } from '../../schemas/registry/serde.ts';
import type { ValueOf } from '../../schemas/values.ts';
import { WriterSchemas } from '../../schemas/avro/writer-schemas.ts';
import { publishedHeader } from '../../roles/shared-names.ts';
import { stage, type Codec, type Stage } from '../../stream/index.ts';
import { traceHeaders } from '../../telemetry/tracing.ts';
import type { Golden } from './archive.ts';

export const topics = topicNames();
export const carryHeaders = [...traceHeaders, publishedHeader];
/** The steps that existed when the data was recorded, in the order that data flows. */
export const stepNames = [
  'validate',
  'features',
  'predict',
  'drift',
  'quality',
  'alert',
] as const satisfies readonly StepName[];

/** Writes the recorded schema ids and reads with the recorded schemas. */
export function goldenSerde(schemas: Golden['schemas']): Pick<Serde, 'codec'> {
  const writers = new WriterSchemas(() => Promise.resolve(undefined));
  for (const { id, text } of Object.values(schemas)) writers.set(id, parseSchema(text));
  const codecs = new Map(
    avroTopicIds.map((topic) => {
      const ownId = (): number | undefined => schemas[topics[topic]]?.id;
      return [topic, new AvroCodec({ name: topics[topic], type: avroType(topic), writers, ownId })] as const;
    }),
  );
  return {
    // The schema in the catalogue is what makes its values a ValueOf<T>.
    codec: <T extends AvroTopicId>(topic: T) => codecs.get(topic) as Codec<unknown> as Codec<ValueOf<T>>,
  };
}

/** The bundle as champion and also as shadow, so that there are both kinds of prediction. */
export const twice = (predictor: OpenPredictor): Models => ({
  champion: { predictor, entry: 1 },
  beside: [{ predictor, entry: 2, role: 'SHADOW' }],
});

export interface Wired {
  readonly definition: ProcessDefinition;
  readonly stage: (step: StepName) => Stage;
  /** Name of the changelog topic; undefined for a step without state. */
  readonly changelog: (step: StepName) => string | undefined;
  readonly predictor: OpenPredictor;
}

/** @param bundle id of one of the shipped bundles; close the predictor at the end */
export async function wire(golden: Pick<Golden, 'definition' | 'schemas'>, bundle: string): Promise<Wired> {
  const definition = parseDefinition(golden.definition, 'golden.yaml');
  const loaded = loadBundle(join(bundlesFolder, definition.process, bundle));
  const predictor = await createPredictor(loaded);
  const answering = twice(predictor);
  const models = { current: () => answering, referenceOf: () => loaded.reference };
  const wires = { definition, serde: goldenSerde(golden.schemas), topics, models };
  return {
    definition,
    predictor,
    stage: (step) => stage(processorFor(step, wires)),
    changelog: (step) => (step === 'predict' ? undefined : topics[`${step}Changelog`]),
  };
}
