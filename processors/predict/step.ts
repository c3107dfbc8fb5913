/** Asks the ensemble about feature rows: features in, one prediction per row out, whatever happens. */
import { featureNames } from '../../processes/features.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { BinnedRow, FeatureRow, Prediction, ShadowPrediction } from '../../schemas/generated/types.ts';
import type { Input, Outcome, Output, Step } from '../../stream/index.ts';
import { unavailable, type Answer, type Models, type Placed, type PlacedBeside } from './predictor.ts';

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

/** All that was said of a row. */
export interface Answered extends Given {
  /** Of a row that was answered: where its values lie among those of training. */
  readonly bins: Buffer | undefined;
  readonly beside: readonly GivenBeside[];
}

export type PredictStep = Step<PredictInput, PredictOutput, undefined, Answered>;

/**
 * @param current who answers, asked once per batch, so that a batch is answered by one bundle even when another
 * takes over meanwhile
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

/** What a prediction says apart from the answer. */
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

/** The features that alert rules watch, and where they are in a row. */
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

/** Empty when the bundle does not know how its training rows were distributed. */
const binsOf = (placed: Placed | undefined, row: FeatureRow | undefined): Buffer =>
  (row && placed?.predictor.binRow?.(row)) ?? noBins;

const noBins = Buffer.alloc(0);

/** A model that nobody hears must not hold up the one that everybody hears: its failure is its answer. */
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
    const answer = unavailable(error instanceof Error ? error.message : String(error));
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
    return { answer: answer ?? unavailable(reason ?? 'no answer'), bundle, entry, threshold };
  });
}

/** Why a row is not put to the models. */
function refusal(row: FeatureRow, placed: Placed | undefined, minCompleteness: number): string | undefined {
  if (placed === undefined) return 'no model bundle is loaded';
  const { bundle, featureSet } = placed.predictor;
  if (row.featureSet !== featureSet)
    return `bundle ${bundle} was trained on feature set ${featureSet}, and the row is of ${row.featureSet}`;
  if (row.completeness < minCompleteness)
    return `only ${percent(row.completeness)} of the readings are there; ${percent(minCompleteness)} are needed`;
  return undefined;
}

const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;
