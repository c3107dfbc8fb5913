/**
 * The life cycle of one alarm (ISA-18.2, IEC 62682) with on-delay, dead-band and off-delay, all by event time. It is a
 * pure state machine over the values that one rule watches on one asset. One excursion gives one RAISED, one
 * RETURNED_TO_NORMAL and one CLEARED, even when the value crosses the limit many times.
 */

export type Phase =
  /** The value is within the limit. */
  | 'normal'
  /** The value is beyond the limit, for less than the on-delay so far. */
  | 'pending'
  | 'raised'
  /** The value is back by at least the dead-band, for less than the off-delay so far. */
  | 'returning';

export interface LifecycleState {
  phase: Phase;
  /** Since when the condition of the phase has held without a break; event time in ms. */
  since: number;
  /** When a value was last known; event time in ms. */
  knownAt: number;
  /** When the alarm was raised; event time in ms. */
  raisedAt: number;
  /** The limit when the alarm was raised. */
  limit: number;
  /** The value of the excursion that was furthest beyond the limit. */
  peak: number;
  /** The number of transitions in this excursion so far. */
  step: number;
}

export interface Limits {
  readonly direction: 'above' | 'below';
  readonly limit: number;
  readonly deadBand: number;
  /** ms */
  readonly onDelay: number;
  /** ms */
  readonly offDelay: number;
  /** A longer gap between two known values restarts the delays, because the values in between are not known; ms. */
  readonly silence: number;
}

export type Transition = 'RAISED' | 'RETURNED_TO_NORMAL' | 'CLEARED';

export const normal = (): LifecycleState => ({
  phase: 'normal',
  since: -Infinity,
  knownAt: -Infinity,
  raisedAt: -Infinity,
  limit: NaN,
  peak: NaN,
  step: 0,
});

/** Whether the alarm has been raised and has not been cleared. */
export const isOpen = ({ phase }: LifecycleState): boolean => phase === 'raised' || phase === 'returning';

const nothing: readonly Transition[] = [];
const raised: readonly Transition[] = ['RAISED'];
/** Operators cannot acknowledge alarms yet, so an alarm that has returned to normal is cleared at once. */
const cleared: readonly Transition[] = ['RETURNED_TO_NORMAL', 'CLEARED'];

/**
 * Updates `state` with a value and returns the transitions that follow. A value that is not known (NaN) neither raises nor
 * clears the alarm. Call it in the order of event time.
 */
export function advanceLifecycle(
  state: LifecycleState,
  value: number,
  time: number,
  limits: Limits,
): readonly Transition[] {
  if (Number.isNaN(value) || Number.isNaN(limits.limit)) return nothing;
  const unbroken = time - state.knownAt <= limits.silence;
  state.knownAt = time;
  const beyond = isBeyond(value, limits);
  const back = isBack(value, limits);
  if (state.phase !== 'normal') state.peak = further(state.peak, value, limits.direction);

  switch (state.phase) {
    case 'normal':
      if (!beyond) return nothing;
      enter(state, 'pending', time);
      state.peak = value;
      return raiseWhenDue(state, time, limits);
    case 'pending':
      if (!beyond) {
        enter(state, 'normal', time);
        return nothing;
      }
      if (!unbroken) state.since = time;
      return raiseWhenDue(state, time, limits);
    case 'raised':
      if (!back) return nothing;
      enter(state, 'returning', time);
      return clearWhenDue(state, time, limits);
    case 'returning':
      if (!back) {
        enter(state, 'raised', time);
        return nothing;
      }
      if (!unbroken) state.since = time;
      return clearWhenDue(state, time, limits);
  }
}

/** Starts the delays again at an earlier time, because the clock was wrong. */
export function restartDelays(state: LifecycleState, time: number): void {
  state.since = time;
  state.knownAt = -Infinity;
}

function raiseWhenDue(
  state: LifecycleState,
  time: number,
  { onDelay, limit }: Limits,
): readonly Transition[] {
  if (time - state.since < onDelay) return nothing;
  enter(state, 'raised', time);
  state.raisedAt = time;
  state.limit = limit;
  state.step = 0;
  return raised;
}

function clearWhenDue(state: LifecycleState, time: number, { offDelay }: Limits): readonly Transition[] {
  if (time - state.since < offDelay) return nothing;
  enter(state, 'normal', time);
  return cleared;
}

function enter(state: LifecycleState, phase: Phase, time: number): void {
  state.phase = phase;
  state.since = time;
}

const isBeyond = (value: number, { direction, limit }: Limits): boolean =>
  direction === 'above' ? value > limit + slack(value, limit) : value < limit - slack(value, limit);

const isBack = (value: number, { direction, limit, deadBand }: Limits): boolean => {
  const room = slack(value, limit, deadBand);
  return direction === 'above' ? value <= limit - deadBand + room : value >= limit + deadBand - room;
};

/**
 * How far a value may miss an edge and still be on it. The numbers are decimals to people, and binary to the computer:
 * 0.3 − 0.1 is a little less than 0.2, and so is, or is not, a mean of many values that are all 0.2.
 */
const slack = (...numbers: readonly number[]): number => 1e-9 * Math.max(...numbers.map(Math.abs));

const further = (a: number, b: number, direction: 'above' | 'below'): number =>
  direction === 'above' ? Math.max(a, b) : Math.min(a, b);
