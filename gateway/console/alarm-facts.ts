/** What the page says of an alarm beyond its transitions: from the predictions and the asset's state. Pure. */
import type { Prediction } from '../../schemas/generated/types.ts';
import type { Alarm } from '../shared/alarms.ts';
import { moment } from './format.ts';
import type { Status } from './store.ts';

/** By shape and word as well as by colour (ISA-101). */
export const shapes: Readonly<Record<Alarm['latest']['priority'], string>> = {
  CRITICAL: '■',
  HIGH: '▲',
  MEDIUM: '▼',
  LOW: '●',
};

const stateWords: Readonly<Record<Alarm['state'], string>> = {
  ACTIVE: 'Active',
  RETURNED: 'Back to normal',
  CLEARED: 'Cleared',
};

/** What a rule watches: `probability`, or a feature by its name. Null when it is not known. */
export function watched({ probability, signals }: Prediction, on: string): number | null {
  if (on === 'probability') return probability;
  return signals.find(({ name }) => name === on)?.value ?? null;
}

/** How far open alarms have gone until now. Transitions come seldom; the predictions between them go on. */
export class Peaks {
  readonly #peaks = new Map<string, number>();

  /** @param predictions of the alarm's asset; those seen before are remembered. @param on what its rule watches */
  of({ id, state, latest }: Alarm, on: string, predictions: readonly Prediction[]): number {
    if (state === 'CLEARED') {
      this.#peaks.delete(id);
      return latest.peak;
    }
    // Alarms are raised beyond the limit: on which side the peak lies is the rule's direction.
    const further = latest.peak >= latest.limit ? Math.max : Math.min;
    const peak = predictions
      .filter(({ eventTime }) => eventTime >= latest.raisedAt)
      .flatMap((prediction) => watched(prediction, on) ?? [])
      .filter((value) => !Number.isNaN(value))
      .reduce((a, b) => further(a, b), further(latest.peak, this.#peaks.get(id) ?? latest.peak));
    this.#peaks.set(id, peak);
    return peak;
  }
}

/** `Active, escalated, no data since 14:03:12`. @param status of its asset, where the page follows it */
export function alarmWords(alarm: Alarm, status: Status | undefined, now: number): string {
  return [
    stateWords[alarm.state],
    ...(alarm.acknowledged ? ['acknowledged'] : []),
    ...(alarm.escalated ? ['escalated'] : []),
    ...(alarm.shelved ? ['shelved'] : []),
    ...(alarm.suppressed ? ['suppressed'] : []),
    ...(isWithoutData(alarm, status) ? [noData(status, now)] : []),
  ].join(', ');
}

/** An open alarm of an asset that sends nothing can neither go on nor clear. */
export function isWithoutData(
  { state }: Alarm,
  status: Status | undefined,
): status is Extract<Status, { kind: 'stale' }> {
  return state !== 'CLEARED' && status?.kind === 'stale';
}

function noData({ since }: Extract<Status, { kind: 'stale' }>, now: number): string {
  return since === null ? 'no data' : `no data since ${moment(since, now)}`;
}

/** `since 14:03:12, cleared 14:05:00`. */
export function alarmTimes({ state, stateSince, latest }: Alarm, now: number): string {
  const since = `since ${moment(latest.raisedAt, now)}`;
  return state === 'ACTIVE'
    ? since
    : `${since}, ${stateWords[state].toLowerCase()} ${moment(stateSince, now)}`;
}

/** On the asset's card: that an alarm is open, and why it still is when the value is inside the limit again. */
export function openWords(alarm: Alarm, on: string, prediction: Prediction | undefined, now: number): string {
  const { priority, raisedAt, peak, limit } = alarm.latest;
  const open = `${shapes[priority]} ${priority} alert open since ${moment(raisedAt, now)}`;
  const value = prediction === undefined ? null : watched(prediction, on);
  if (value === null || Number.isNaN(value)) return open;
  const isInside = peak >= limit ? value <= limit : value >= limit;
  return isInside ? `${open} · clears when back to normal for long enough` : open;
}
