/** Asks the ensemble about feature rows: features in, one prediction per row out, whatever happens. */
import { featureNames } from '../../processes/features.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { FeatureRow, Prediction } from '../../schemas/generated/types.ts';
import { emit, type Input, type Outcome, type Output, type Step } from '../../stream/step.ts';
import { unavailable, type Answer, type Predictor } from './predictor.ts';

export type PredictInput = Input<'features', FeatureRow>;
export type PredictOutput = Output<'predictions', Prediction>;

/** An answer and who gave it. */
export interface Answered {
  readonly answer: Answer;
  readonly bundle: string;
  readonly threshold: number;
}

export type PredictStep = Step<PredictInput, PredictOutput, undefined, Answered>;

/**
 * @param current the predictor to use, asked once per batch, so that a batch is answered by one bundle even
 * when another takes over meanwhile; undefined when there is none
 */
export function predictStep(
  definition: ProcessDefinition,
  current: () => Predictor | undefined,
): PredictStep {
  const { target } = definition;
  const watched = watchedFeatures(definition);
  return {
    name: 'predict',
    create: () => undefined,
    prepare: (batch) =>
      answerAll(
        batch.map((record) => record.input.value),
        current(),
        target.minCompleteness,
      ),
    process({ input, timestamp }, _state, { answer, bundle, threshold }): Outcome<PredictOutput> {
      const row = input.value;
      const { asset, eventTime, featureSet, completeness, piece, values } = row;
      const signals = watched.map(({ name, index }) => ({ name, value: values[index] ?? NaN }));
      const value = {
        asset,
        eventTime,
        target: target.id,
        ...answer,
        threshold,
        bundle,
        featureSet,
        completeness,
        piece,
        signals,
      };
      return emit({ to: 'predictions', key: asset, timestamp, value });
    },
  };
}

/** The features that alert rules watch, and where they are in a row. */
function watchedFeatures(definition: ProcessDefinition): readonly { name: string; index: number }[] {
  const names = featureNames(definition);
  const watched = new Set(definition.alerts.map((rule) => rule.on));
  return names.flatMap((name, index) => (watched.has(name) ? [{ name, index }] : []));
}

async function answerAll(
  rows: readonly FeatureRow[],
  predictor: Predictor | undefined,
  minCompleteness: number,
): Promise<readonly Answered[]> {
  const bundle = predictor?.bundle ?? '';
  const threshold = predictor?.threshold ?? NaN;
  const refusals = rows.map((row) => refusal(row, predictor, minCompleteness));
  const asked = rows.filter((_, index) => refusals[index] === undefined);
  const answers = predictor && asked.length > 0 ? await predictor.predict(asked) : [];
  if (answers.length !== asked.length)
    throw new Error(`bundle ${bundle} gave ${answers.length} answers to ${asked.length} rows`);
  const next = answers.values();
  return refusals.map((reason) => {
    const answer = reason === undefined ? next.next().value : undefined;
    return { answer: answer ?? unavailable(reason ?? 'no answer'), bundle, threshold };
  });
}

/** Why a row is not put to the models. */
function refusal(
  row: FeatureRow,
  predictor: Predictor | undefined,
  minCompleteness: number,
): string | undefined {
  if (predictor === undefined) return 'no model bundle is loaded';
  if (row.featureSet !== predictor.featureSet)
    return `bundle ${predictor.bundle} was trained on feature set ${predictor.featureSet}, and the row is of ${row.featureSet}`;
  if (row.completeness < minCompleteness)
    return `only ${percent(row.completeness)} of the readings are there; ${percent(minCompleteness)} are needed`;
  return undefined;
}

const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;
