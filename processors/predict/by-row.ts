/** The step predict with models chosen for each row, so that the models that once answered a row answer it again. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { FeatureRow } from '../../schemas/generated/types.ts';
import type { StepRecord } from '../../stream/index.ts';
import type { Models } from './predictor.ts';
import { predictStep, type Answered, type PredictInput, type PredictStep } from './step.ts';

/** @param modelsFor returns the models for a row; neighbouring rows with the same object are asked in one batch */
export function predictByRow(
  definition: ProcessDefinition,
  modelsFor: (row: FeatureRow) => Models,
): PredictStep {
  let models: Models = { champion: undefined, beside: [] };
  const step = predictStep(definition, () => models);
  return {
    ...step,
    async prepare(batch) {
      const answers: Answered[] = [];
      for (const run of runsOfEqual(batch, modelsFor)) {
        models = run.models;
        answers.push(...((await step.prepare?.(run.records)) ?? []));
      }
      return answers;
    },
  };
}

interface Run {
  readonly models: Models;
  readonly records: StepRecord<PredictInput>[];
}

/** Groups neighbouring records that the same models answer. */
function runsOfEqual(
  batch: readonly StepRecord<PredictInput>[],
  modelsFor: (row: FeatureRow) => Models,
): readonly Run[] {
  const runs: Run[] = [];
  for (const record of batch) {
    const models = modelsFor(record.input.value);
    const last = runs.at(-1);
    if (last?.models === models) last.records.push(record);
    else runs.push({ models, records: [record] });
  }
  return runs;
}
