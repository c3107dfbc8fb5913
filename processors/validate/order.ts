/** Decides whether a reading is accepted: by its asset, its sequence number and its time. */
import { duration } from '../../base/text.ts';
import { isKnownAsset } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Rejection, RejectionReason, SensorReading } from '../../schemas/generated/types.ts';
import { withoutPadding } from '../../base/outside-text.ts';
import { isLate } from '../../stream/index.ts';
import { disbelief } from './clock.ts';
import { SequenceSet, type Seen } from './sequence-set.ts';
import { maxSources, type ValidateState } from './state.ts';

export const isoTime = (ms: number): string => {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
};

const refuse = (reason: RejectionReason, detail: string): Rejection => ({
  tag: null,
  value: null,
  reason,
  treatment: 'DROPPED',
  detail,
});

/** Whether the reading is about an asset of the process, and its record has the asset as its key. */
export const isOwnAsset = (definition: ProcessDefinition, { asset }: SensorReading, key: string): boolean =>
  key === asset && isKnownAsset(definition, asset);

/**
 * Returns why the reading is refused, or undefined. Its sequence number counts as seen in both cases: a reading is judged
 * once.
 * @param published the record's own timestamp, ms since the epoch
 * @param evicted gets a reason for each thing that had to be forgotten
 */
export function refusal(
  definition: ProcessDefinition,
  reading: SensorReading,
  key: string,
  published: number,
  state: ValidateState,
  evicted: string[],
): Rejection | undefined {
  const { asset, source, sequence, eventTime } = reading;
  if (!isKnownAsset(definition, asset))
    return refuse('UNKNOWN_ASSET', `${asset} is no asset of the process ${definition.process}`);
  if (key !== asset) {
    const named = withoutPadding(key) === asset ? `${asset} with NUL after it` : key;
    return refuse(
      'UNKNOWN_ASSET',
      `the record's key is ${named}, but its asset is ${asset}: they must be equal`,
    );
  }

  const seen = note(state, source, sequence, eventTime, evicted);
  if (seen === 'seen') return refuse('DUPLICATE', `number ${sequence} of ${source} was received before`);
  if (seen === 'unsure')
    return refuse(
      'DUPLICATE',
      `number ${sequence} of ${source} is older than the remembered numbers, so it counts as a repeat`,
    );

  const { ahead, grace } = definition.time;
  if (eventTime > published + ahead)
    return refuse(
      'FUTURE',
      `its event time is ${isoTime(eventTime)}, ${duration(eventTime - published)} after it was published; ${duration(ahead)} is allowed`,
    );
  if (isLate(state.latest, eventTime, grace))
    return refuse(
      'LATE',
      `its event time is ${isoTime(eventTime)}, ${duration(state.latest - eventTime)} before the asset's latest; ${duration(grace)} is allowed`,
    );
  const why = disbelief(definition, eventTime, state);
  return why === undefined ? undefined : refuse('FUTURE', `its event time is ${isoTime(eventTime)}; ${why}`);
}

function note(
  state: ValidateState,
  source: string,
  sequence: number,
  eventTime: number,
  evicted: string[],
): Seen {
  let entry = state.sources.get(source);
  if (entry === undefined) {
    if (state.sources.size >= maxSources) {
      forgetOldest(state);
      evicted.push('SOURCE');
    }
    entry = { lastUsed: eventTime, seen: new SequenceSet() };
    state.sources.set(source, entry);
  }
  entry.lastUsed = Math.max(entry.lastUsed, eventTime);
  const { closedGaps } = entry.seen;
  const seen = entry.seen.add(sequence);
  if (entry.seen.closedGaps !== closedGaps) evicted.push('SEQUENCE_GAP');
  return seen;
}

function forgetOldest({ sources }: ValidateState): void {
  let oldest: string | undefined;
  let least = Infinity;
  for (const [name, { lastUsed }] of sources)
    if (lastUsed < least || oldest === undefined) [oldest, least] = [name, lastUsed];
  if (oldest !== undefined) sources.delete(oldest);
}
