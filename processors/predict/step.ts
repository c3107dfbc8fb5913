/** The step predict: asks the ensemble about each row of features. Every row gets exactly one prediction. */
import { messageOf, shortPercent } from '../../base/text.ts';
import { featureNames } from '../../processes/features.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { BinnedRow, FeatureRow, Prediction, ShadowPrediction } from '../../schemas/generated/types.ts';
import type { Input, Outcome, Output, Step } from '../../stream/index.ts';
import { unavailableAnswer, type Answer, type Models, type Placed, type PlacedBeside } from './predictor.ts';

export type PredictInput = Input<'features', FeatureRow>;
export type PredictOutput =
  Output<'predictions', Prediction> | Output<'shadow', ShadowPrediction> | Output<'binned', BinnedRow>;

/** An answer and who gave it. */
interface Given {
  readonly answer: Answer;
  readonly bundle: string;
  readonly entry: number;
  readonly threshold: number;
}

interface GivenBeside extends Given {
  readonly role: PlacedBeside['role'];
}

/** All answers to one row. */
export interface Answered extends Given {
  /** The bins of the row's values; undefined when the row has no probability. */
  readonly bins: Buffer | undefined;
  readonly beside: readonly GivenBeside[];
}

export type PredictStep = Step<PredictInput, PredictOutput, undefined, Answered>;

/**
 * @param current returns the bundles that answer. It is called once per batch, so one bundle answers the entire batch even
 * when another takes over during it.
 */
export function predictStep(definition: ProcessDefinition, current: () => Models): PredictStep {
  const { target } = definition;
  const watched = watchedFeatures(definition);
  return {
    name: 'predict',
    create: () => undefined,
    prepare: (batch) =>
      askAll(
        batch.map((record) => record.input.value),
        current(),
        target.minCompleteness,
      ),
    process({ input, timestamp }, _state, answered): Outcome<PredictOutput> {
      const row = input.value;
      const { asset, values } = row;
      const signals = watched.map(({ name, index }) => ({ name, value: values[index] ?? NaN }));
      const records: PredictOutput[] = [
        {
          to: 'predictions',
          key: asset,
          timestamp,
          value: {
            ...about(row, target.id, answered),
            ...answered.answer,
            signals,
          },
        },
      ];
      const { probability } = answered.answer;
      if (probability !== null && answered.bins !== undefined) {
        const { bundle, bins } = answered;
        const value = { asset, eventTime: row.eventTime, bundle, probability, bins };
        records.push({ to: 'binned', key: asset, timestamp, value });
      }
      for (const given of answered.beside) {
        const { status, reason, probability, lower, upper, confidence, models } = given.answer;
        const answer = { status, reason, probability, lower, upper, confidence, models };
        const value = { ...about(row, target.id, given), ...answer, role: given.role };
        records.push({ to: 'shadow', key: asset, timestamp, value });
      }
      return { kind: 'emit', records };
    },
  };
}

/** The fields of a prediction that do not come from the answer. */
const about = (
  { asset, eventTime, featureSet, completeness, piece }: FeatureRow,
  target: string,
  { bundle, entry, threshold }: Given,
) => ({
  asset,
  eventTime,
  target,
  threshold,
  bundle,
  modelEntry: entry,
  featureSet,
  completeness,
  piece,
});

/** The features that alert rules watch, with their index in a row. */
function watchedFeatures(definition: ProcessDefinition): readonly { name: string; index: number }[] {
  const names = featureNames(definition);
  const watched = new Set(definition.alerts.map((rule) => rule.on));
  return names.flatMap((name, index) => (watched.has(name) ? [{ name, index }] : []));
}

async function askAll(
  rows: readonly FeatureRow[],
  { champion, beside }: Models,
  minCompleteness: number,
): Promise<readonly Answered[]> {
  const [answers, ...others] = await Promise.all([
    ask(rows, champion, minCompleteness),
    ...beside.map((placed) => askBeside(rows, placed, minCompleteness)),
  ]);
  return answers.map((given, index) => ({
    ...given,
    bins: given.answer.probability === null ? undefined : binsOf(champion, rows[index]),
    beside: others.flatMap((list) => list[index] ?? []),
  }));
}

/** The bins of the row's values; empty when the bundle has no reference. */
const binsOf = (placed: Placed | undefined, row: FeatureRow | undefined): Buffer =>
  (row && placed?.predictor.binRow?.(row)) ?? noBins;

const noBins = Buffer.alloc(0);

/** Asks a challenger or shadow. Its failure becomes its answer, so that it never delays the champion's predictions. */
async function askBeside(
  rows: readonly FeatureRow[],
  placed: PlacedBeside,
  minCompleteness: number,
): Promise<readonly GivenBeside[]> {
  const { role, entry, predictor } = placed;
  try {
    const given = await ask(rows, placed, minCompleteness);
    return given.map((each) => ({ ...each, role }));
  } catch (error) {
    const answer = unavailableAnswer(messageOf(error));
    return rows.map(() => ({
      answer,
      bundle: predictor.bundle,
      entry,
      threshold: predictor.threshold,
      role,
    }));
  }
}

async function ask(
  rows: readonly FeatureRow[],
  placed: Placed | undefined,
  minCompleteness: number,
): Promise<readonly Given[]> {
  const predictor = placed?.predictor;
  const bundle = predictor?.bundle ?? '';
  const threshold = predictor?.threshold ?? NaN;
  const entry = placed?.entry ?? 0;
  const refusals = rows.map((row) => refusal(row, placed, minCompleteness));
  const asked = rows.filter((_, index) => refusals[index] === undefined);
  const answers = predictor && asked.length > 0 ? await predictor.predict(asked) : [];
  if (answers.length !== asked.length)
    throw new Error(`bundle ${bundle} gave ${answers.length} answers to ${asked.length} rows`);
  const next = answers.values();
  return refusals.map((reason) => {
    const answer = reason === undefined ? next.next().value : undefined;
    return { answer: answer ?? unavailableAnswer(reason ?? 'no answer'), bundle, entry, threshold };
  });
}

/** Why the models are not asked about a row; undefined when they are. */
function refusal(row: FeatureRow, placed: Placed | undefined, minCompleteness: number): string | undefined {
  if (placed === undefined) return 'no model bundle is loaded';
  const { bundle, featureSet } = placed.predictor;
  if (row.featureSet !== featureSet)
    return `bundle ${bundle} was trained on feature set ${featureSet}, but the row has feature set ${row.featureSet}`;
  if (row.completeness < minCompleteness)
    return `the row has only ${shortPercent(row.completeness)} of the values that it should have; a prediction needs ${shortPercent(minCompleteness)}`;
  return undefined;
}
