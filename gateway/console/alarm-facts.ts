/** What the page shows about an alarm in addition to its transitions, from the predictions and the asset's state. Pure. */
import type { Prediction } from '../../schemas/generated/types.ts';
import type { Alarm } from '../shared/alarms.ts';
import type { TrendPoint } from '../shared/messages.ts';
import { moment } from './format.ts';
import type { Status } from './store.ts';

/** Priorities differ by shape and word as well as by colour (ISA-101). */
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

/** The value that a rule watches: the probability, or a feature by name. Null when it is unknown. */
export function watched({ probability, signals }: TrendPoint, on: string): number | null {
  if (on === 'probability') return probability;
  return signals.find(({ name }) => name === on)?.value ?? null;
}

/** The peaks of open alarms up to now. Transitions are rare, so the predictions between them count too. */
export class Peaks {
  readonly #peaks = new Map<string, number>();

  /**
   * @param on name of the value that the alarm's rule watches
   * @param trend newest predictions of the alarm's asset; the peak of earlier ones is remembered
   */
  of({ id, state, latest }: Alarm, on: string, trend: readonly TrendPoint[]): number {
    if (state === 'CLEARED') {
      this.#peaks.delete(id);
      return latest.peak;
    }
    // An alarm is raised beyond its limit, so the side of the peak shows the direction of the rule.
    const further = latest.peak >= latest.limit ? Math.max : Math.min;
    const peak = trend
      .filter(({ eventTime }) => eventTime >= latest.raisedAt)
      .flatMap((prediction) => watched(prediction, on) ?? [])
      .filter((value) => !Number.isNaN(value))
      .reduce((a, b) => further(a, b), further(latest.peak, this.#peaks.get(id) ?? latest.peak));
    this.#peaks.set(id, peak);
    return peak;
  }
}

/** `Active, escalated, no data since 14:03:12`. @param status status of its asset; undefined for an asset without a card */
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

/** Whether an open alarm can neither develop nor clear, because its asset sends no data. */
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

/** Text for the asset's card: that an alarm is open, and why it stays open after the value came back inside the limit. */
export function openWords(alarm: Alarm, on: string, prediction: Prediction | undefined, now: number): string {
  const { priority, raisedAt, peak, limit } = alarm.latest;
  const open = `${shapes[priority]} ${priority} alarm open since ${moment(raisedAt, now)}`;
  const value = prediction === undefined ? null : watched(prediction, on);
  if (value === null || Number.isNaN(value)) return open;
  const isInside = peak >= limit ? value <= limit : value >= limit;
  return isInside ? `${open} · clears when back to normal for long enough` : open;
}
