/** The step features: reads validated readings and MES events; writes rows of features, and rejects readings that cannot count. */
import { duration } from '../../base/text.ts';
import { isKnownAsset } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type {
  FeatureRow,
  MesEvent,
  RejectedReading,
  RejectionReason,
  ValidatedReading,
} from '../../schemas/generated/types.ts';
import {
  absorbed,
  deadLetter,
  drop,
  emit,
  type Input,
  type Outcome,
  type Output,
  type Step,
  watermark,
} from '../../stream/index.ts';
import { isClockReset } from '../validate/clock.ts';
import { foldBefore, pieceAt, takeEvent, type Taken } from './pieces.ts';
import { RowMaker } from './row.ts';
import type { Scans, Superseded } from './scans.ts';
import { createFeaturesState, startClockAgain, type FeaturesState } from './state.ts';

export type FeaturesInput = Input<'readings', ValidatedReading> | Input<'mes', MesEvent>;
export type FeaturesOutput = Output<'features', FeatureRow> | Output<'rejected', RejectedReading>;
export type FeaturesStep = Step<FeaturesInput, FeaturesOutput, FeaturesState>;

/** Why an MES event is dropped; a metric counts these reasons. */
const dropped: Readonly<Record<Exclude<Taken, 'taken'>, string>> = {
  duplicate: 'DUPLICATE',
  superseded: 'SUPERSEDED',
  overflow: 'TOO_FAR_AHEAD',
};

export function featuresStep(definition: ProcessDefinition): FeaturesStep {
  const { hop } = definition.features;
  const { grace, period } = definition.time;
  const levels = definition.piece?.levels ?? [];
  const properties = definition.piece?.properties ?? [];
  const rows = new RowMaker(definition);
  const isAsset = (key: string): boolean => isKnownAsset(definition, key);

  function takeMes(event: MesEvent, key: string, state: FeaturesState): Outcome<FeaturesOutput> {
    if (key !== event.asset || !isAsset(key))
      return deadLetter(
        'UNKNOWN_ASSET',
        `the event is about asset ${event.asset} with the key ${key}; the process ${definition.process} has no such asset, or the key is another`,
      );
    if (!levels.includes(event.level))
      return deadLetter(
        'UNKNOWN_LEVEL',
        `the process ${definition.process} has no piece level ${event.level}; it has ${levels.join(', ') || 'none'}`,
      );
    const taken = takeEvent(state.pieces, event, properties);
    return taken === 'taken' ? absorbed : drop(dropped[taken]);
  }

  /** Makes every row whose end the watermark has passed. Hops without a scan in the longest window get no row. */
  function makeRows(
    asset: string,
    timestamp: number,
    state: FeaturesState,
    watermark: number,
    out: FeaturesOutput[],
  ): void {
    const last = Math.floor(watermark / hop) * hop;
    if (state.madeUpTo === -Infinity) state.madeUpTo = last;
    for (let end = state.madeUpTo + hop; end <= last; end += hop) {
      // A scan may belong to the period after its time.
      if (end - rows.longest > state.latest + period) break;
      state.baseline?.fold(state.scans, state.scans.slotOf(end - hop), state.scans.slotOf(end));
      if (!anyScan(state.scans, end - rows.longest, end)) continue;
      const piece = pieceAt(state.pieces, levels, end);
      const value = {
        asset,
        eventTime: end,
        featureSet: rows.featureSet,
        ...rows.make(state.scans, end, state.baseline),
        piece,
      };
      out.push({ to: 'features', key: asset, timestamp, value });
    }
    state.madeUpTo = Math.max(state.madeUpTo, last);
    foldBefore(state.pieces, watermark);
  }

  function takeReading(
    reading: ValidatedReading,
    key: string,
    timestamp: number,
    state: FeaturesState,
  ): Outcome<FeaturesOutput> {
    if (isClockReset(reading)) {
      startClockAgain(state);
      return absorbed;
    }
    const out: FeaturesOutput[] = [];
    const { eventTime, asset } = reading;
    if (key !== asset || !isAsset(asset))
      return emit(
        rejected(
          reading,
          reading,
          timestamp,
          'UNKNOWN_ASSET',
          `${asset} is no asset of the process, or its key is another`,
        ),
      );
    const slot = state.scans.periodOf(eventTime, state.latest);
    if (eventTime > state.latest) {
      // Before the scan is stored: it is later than these windows, and its place may still hold a scan that they need.
      makeRows(asset, timestamp, state, watermark(eventTime, grace), out);
      state.latest = eventTime;
    }
    if (eventTime < state.madeUpTo) {
      const behind = duration(state.madeUpTo - eventTime);
      const detail = `rows have been made up to ${behind} after it`;
      out.push(rejected(reading, reading, timestamp, 'LATE', detail));
    } else {
      const yielding = state.scans.put(reading, slot);
      const detail = 'a later reading of the same period counts instead';
      if (yielding) out.push(rejected(reading, yielding, timestamp, 'OTHER', detail));
    }
    return out.length === 0 ? absorbed : { kind: 'emit', records: out };
  }

  return {
    name: 'features',
    accepts: isAsset,
    create: () => createFeaturesState(definition),
    process({ input, key, timestamp }, state) {
      return input.from === 'mes'
        ? takeMes(input.value, key, state)
        : takeReading(input.value, key, timestamp, state);
    },
  };
}

/** Searches from the newest: a running stream finds a scan at once. */
function anyScan(scans: Scans, from: number, to: number): boolean {
  for (let slot = scans.slotOf(to - 1); slot >= scans.slotOf(from); slot--) if (scans.has(slot)) return true;
  return false;
}

/** Makes a rejection. Input partition and offset are −1, because they depend on how the runtime runs the steps. */
function rejected(
  { asset }: ValidatedReading,
  { eventTime, sequence, source }: Superseded,
  timestamp: number,
  reason: RejectionReason,
  detail: string,
): FeaturesOutput {
  const rejections = [{ tag: null, value: null, reason, treatment: 'DROPPED' as const, detail }];
  const value = {
    asset,
    eventTime,
    sequence,
    source,
    inputPartition: -1,
    inputOffset: -1,
    dropped: true,
    rejections,
  };
  return { to: 'rejected', key: asset, timestamp, reason, value };
}
