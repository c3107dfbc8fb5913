/** The step quality: joins labels to the predictions that they judge, days later, and reports how good the predictions were. */
import { isKnownAsset, isPutBack } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { liveMeaning } from '../../processes/target-label.ts';
import type {
  JudgedPrediction,
  LiveQuality,
  Prediction,
  QualityLabel,
} from '../../schemas/generated/types.ts';
import {
  absorbed,
  deadLetter,
  drop,
  type Input,
  type Outcome,
  type Output,
  type Step,
} from '../../stream/index.ts';
import { isoTime } from '../validate/order.ts';
import { remember, strongest, type Episode } from './episodes.ts';
import { isCovered, withSpan } from './spans.ts';
import { labelBytes, mostEpisodeBytes, mostLabelBytes, mostSpans, mostWaitingBytes } from './bounds.ts';
import { createQualityState, type QualityState, type WaitingLabel } from './state.ts';
import { verdictOf } from './tally.ts';
import { countIn } from './window.ts';

export type QualityInput = Input<'predictions', Prediction> | Input<'labels', QualityLabel>;
export type QualityOutput = Output<'judged', JudgedPrediction> | Output<'quality', LiveQuality>;
export type QualityStep = Step<QualityInput, QualityOutput, QualityState>;

export function qualityStep(definition: ProcessDefinition): QualityStep {
  const { quality, target, time, piece } = definition;
  const isAsset = (key: string): boolean => isKnownAsset(definition, key);
  const mostBytes = mostEpisodeBytes(definition);
  /** Reused, because nearly always nothing is evicted. */
  const evicted: string[] = [];
  const level = quality.by === 'piece' ? piece?.levels.at(-1) : undefined;
  const pieceOf = (pieces: Readonly<Record<string, string>>): string =>
    level === undefined ? '' : (pieces[level] ?? '');

  /** Judges the labels that are due. Labels are handled in the order of arrival, so the counts depend on nothing else. */
  function* settle(asset: string, state: QualityState): Generator<JudgedPrediction> {
    for (;;) {
      const label = state.waiting[0];
      if (label === undefined) return;
      const isDue = isTooLate(label) || isComplete(state, label);
      if (!isDue && state.waitingBytes <= mostWaitingBytes) return;
      if (!isDue) evicted.push('LABEL');
      state.waiting.shift();
      state.waitingBytes -= labelBytes(label);
      yield judge(asset, state, label);
    }
  }

  const isTooLate = ({ foundAt, until }: WaitingLabel): boolean => foundAt - until > quality.retention;

  /** Whether the label found what predictions warn of. For a target with classes: one of the classes in `warnOf`. */
  const isFound = ({ value, defect }: WaitingLabel): boolean =>
    target.classes === undefined
      ? value > 0
      : (target.warnOf ?? []).includes(value === 0 ? 'none' : (defect ?? ''));

  /** Whether all predictions that the label may judge have been made. */
  const isComplete = ({ latest, piece: open, pieceSince }: QualityState, label: WaitingLabel): boolean => {
    const { until, piece } = label;
    const isBeingMade = open !== '' && open === pieceOf(piece) && pieceSince <= until;
    return latest >= until && !isBeingMade;
  };

  function judge(asset: string, state: QualityState, label: WaitingLabel): JudgedPrediction {
    const { eventTime, until, foundAt, source, piece, defect } = label;
    const found = isFound(label) ? 1 : 0;
    const facts = {
      asset,
      eventTime,
      until,
      target: target.id,
      foundAt,
      source,
      piece,
      label: found,
      defect,
    };
    const refuse = (reason: JudgedPrediction['reason'], predictions = 0): JudgedPrediction => ({
      ...facts,
      ...unjudged,
      reason,
      predictions,
    });
    if (isTooLate(label)) return refuse('TOO_LATE');
    const name = pieceOf(piece);
    const own =
      level === undefined
        ? state.episodes.takeOut(({ first, last }) => first > eventTime && last <= until, eventTime)
        : state.episodes.takeOut(
            (episode) => name !== '' && episode.piece === name && episode.first <= until,
          );
    const span = { from: eventTime, until };
    if (own.length === 0) return refuse(isCovered(state.judged, span) ? 'ALREADY_JUDGED' : 'NO_PREDICTION');
    state.judged = withSpan(state.judged, span);
    if (state.judged.length > mostSpans) {
      state.judged = state.judged.slice(1);
      evicted.push('SPAN');
    }
    const best = strongest(own);
    if (best === undefined) return refuse('UNAVAILABLE', countOf(own));
    const { probability, predictedAt, threshold, bundle } = best;
    const verdict = verdictOf(probability >= threshold, found > 0);
    const judged = { predictions: countOf(own), predictedAt, probability, threshold, bundle };
    return { ...facts, verdict, reason: null, ...judged };
  }

  /** Gives up on predictions that have no label after `retention`; one record for each hop. */
  function giveUp(asset: string, state: QualityState): JudgedPrediction[] {
    const { retention, hop } = quality;
    const until = Math.floor((state.latest - retention) / hop) * hop;
    if ((state.judged[0]?.until ?? Infinity) <= until)
      state.judged = state.judged.filter((span) => span.until > until);
    if (state.episodes.oldestEnds > until) return [];
    return givenUp(
      asset,
      state.episodes.takeOut(({ last }) => last <= until),
    );
  }

  function givenUp(asset: string, forgotten: readonly Episode[]): JudgedPrediction[] {
    const { retention, hop } = quality;
    return runsOf(forgotten, hop).map(({ from, episodes }) => ({
      asset,
      eventTime: from,
      until: from + hop,
      target: target.id,
      foundAt: from + hop + retention,
      source: '',
      piece: {},
      label: null,
      defect: null,
      ...unjudged,
      reason: 'NEVER_LABELLED',
      predictions: countOf(episodes),
    }));
  }

  function takePrediction(prediction: Prediction, state: QualityState): readonly JudgedPrediction[] {
    state.latest = prediction.eventTime;
    const piece = pieceOf(prediction.piece);
    if (piece !== state.piece) state.pieceSince = prediction.eventTime;
    state.piece = piece;
    const surplus = remember(state.episodes, prediction, piece, mostBytes);
    for (let left = surplus.length; left > 0; left--) evicted.push('PREDICTION');
    const { asset } = prediction;
    return [...givenUp(asset, surplus), ...settle(asset, state), ...giveUp(asset, state)];
  }

  return {
    name: 'quality',
    accepts: isAsset,
    create: createQualityState,
    process({ input, key, timestamp }, state): Outcome<QualityOutput> {
      const { asset } = input.value;
      evicted.length = 0;
      if (key !== asset || !isAsset(key)) return drop('UNKNOWN_ASSET');
      if (input.value.target !== target.id) return drop('OTHER_TARGET');
      let judged: Iterable<JudgedPrediction>;
      if (input.from === 'predictions') {
        const { eventTime } = input.value;
        if (isPutBack(definition, state.latest, eventTime)) forgetAfter(state, eventTime);
        else if (eventTime <= state.latest) return drop('OUT_OF_ORDER');
        judged = takePrediction(input.value, state);
      } else {
        // Such a label could wait for a long time, and would delay all labels after it.
        if (input.value.until > timestamp + time.ahead) return drop('FUTURE');
        const meaning = liveMeaning(target, input.value);
        if (meaning.kind === 'unknown') return drop('UNKNOWN_LABEL');
        if (meaning.kind === 'malformed')
          return deadLetter('MALFORMED_LABEL', labelText(input.value, meaning.what));
        const { value, defect } = meaning;
        const waiting = { ...waitingLabel(input.value), value, defect };
        const bytes = labelBytes(waiting);
        if (bytes > mostLabelBytes)
          return deadLetter('MALFORMED_LABEL', labelText(input.value, `its texts have ${bytes} bytes`));
        state.waiting.push(waiting);
        state.waitingBytes += bytes;
        judged = settle(asset, state);
      }
      const records: QualityOutput[] = [];
      for (const value of judged) {
        const reason = value.reason === null ? {} : { reason: value.reason };
        records.push({ to: 'judged', key: asset, timestamp, value, ...reason });
        // Windows follow the day on which a label became known; without a label there is no such day.
        if (value.label === null) continue;
        for (const report of countIn(state.slices, quality, value, evicted))
          records.push({ to: 'quality', key: asset, timestamp, value: report });
      }
      if (evicted.length > 0) return { kind: 'emit', records, evicted: [...evicted] };
      return records.length === 0 ? absorbed : { kind: 'emit', records };
    },
  };
}

/** Forgets the predictions of times that have not been yet: the asset's clock has been put back. */
function forgetAfter(state: QualityState, eventTime: number): void {
  state.episodes.takeOut(({ last }) => last >= eventTime);
  state.piece = '';
}

const unjudged = {
  verdict: 'NOT_JUDGED',
  predictedAt: null,
  probability: null,
  threshold: null,
  bundle: '',
} as const;

const countOf = (episodes: readonly Episode[]): number =>
  episodes.reduce((sum, { predictions }) => sum + predictions, 0);

const labelText = ({ asset, eventTime, source }: QualityLabel, what: string): string =>
  `the label of ${source} for ${asset} at ${isoTime(eventTime)}: ${what}`;

function waitingLabel(label: QualityLabel): WaitingLabel {
  const { eventTime, until, foundAt, value, defect, source, piece } = label;
  return { eventTime, until, foundAt, value, defect, source, piece };
}

/** Groups episodes by the hop in which they end. */
function runsOf(episodes: readonly Episode[], hop: number): { from: number; episodes: Episode[] }[] {
  const runs: { from: number; episodes: Episode[] }[] = [];
  for (const episode of episodes) {
    const from = (Math.ceil(episode.last / hop) - 1) * hop;
    const run = runs.at(-1);
    if (run?.from === from) run.episodes.push(episode);
    else runs.push({ from, episodes: [episode] });
  }
  return runs;
}
