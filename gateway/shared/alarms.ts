/**
 * Makes the list of alarms from their transitions. Transitions may be applied in any order and repeatedly with the same
 * result, so that a snapshot and frames may overlap.
 */
import type { Alert } from '../../schemas/generated/types.ts';

/** ISA-18.2: ACTIVE, RETURNED (back to normal, not cleared yet), CLEARED. */
export type AlarmState = 'ACTIVE' | 'RETURNED' | 'CLEARED';

export interface Alarm {
  readonly id: string;
  readonly state: AlarmState;
  readonly acknowledged: boolean;
  readonly shelved: boolean;
  readonly suppressed: boolean;
  readonly escalated: boolean;
  /** Event time, ms since the epoch. */
  readonly stateSince: number;
  /** The newest transition, with message, peak, piece and the rest. */
  readonly latest: Alert;
}

/** Highest first. */
export const priorities: readonly Alert['priority'][] = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'];

export class AlarmList {
  readonly #alarms = new Map<string, Alarm>();
  /** Transitions of each alarm, in the order of their steps. */
  readonly #transitions = new Map<string, Alert[]>();
  readonly #keepCleared: number;

  /** @param keepCleared number of cleared alarms that are kept; open ones always are */
  constructor(keepCleared = 50) {
    this.#keepCleared = keepCleared;
  }

  /** @returns false when the transition was known already. */
  apply(transition: Alert): boolean {
    const known = this.#transitions.get(transition.id) ?? [];
    if (known.some((other) => other.step === transition.step)) return false;
    const transitions = [...known, transition].sort((a, b) => a.step - b.step);
    const alarm = transitions.reduce<Alarm | undefined>(next, undefined);
    if (alarm === undefined) return false;
    this.#transitions.set(transition.id, transitions);
    this.#alarms.set(transition.id, alarm);
    if (alarm.state === 'CLEARED') this.#forget();
    return true;
  }

  /** Open alarms: highest priority first, then the newest. */
  open(): Alarm[] {
    return [...this.#alarms.values()].filter((alarm) => alarm.state !== 'CLEARED').sort(byUrgency);
  }

  /** Recently cleared alarms, newest first. */
  cleared(): Alarm[] {
    return [...this.#alarms.values()]
      .filter((alarm) => alarm.state === 'CLEARED')
      .sort((a, b) => b.stateSince - a.stateSince);
  }

  /** All transitions from which a new client makes the same list, oldest first. */
  transitions(): Alert[] {
    return [...this.#transitions.values()]
      .flat()
      .sort((a, b) => a.eventTime - b.eventTime || a.step - b.step);
  }

  #forget(): void {
    for (const old of this.cleared().slice(this.#keepCleared)) {
      this.#alarms.delete(old.id);
      this.#transitions.delete(old.id);
    }
  }
}

function byUrgency(a: Alarm, b: Alarm): number {
  const byPriority = priorities.indexOf(a.latest.priority) - priorities.indexOf(b.latest.priority);
  return byPriority !== 0 ? byPriority : b.latest.raisedAt - a.latest.raisedAt;
}

function next(before: Alarm | undefined, transition: Alert): Alarm {
  const alarm: Alarm = {
    id: transition.id,
    state: before?.state ?? 'ACTIVE',
    acknowledged: before?.acknowledged ?? false,
    shelved: before?.shelved ?? false,
    suppressed: before?.suppressed ?? false,
    escalated: before?.escalated ?? false,
    stateSince: before?.stateSince ?? transition.raisedAt,
    latest: transition,
  };
  switch (transition.transition) {
    case 'RAISED':
      return { ...alarm, state: 'ACTIVE', stateSince: transition.eventTime };
    case 'RETURNED_TO_NORMAL':
      return { ...alarm, state: 'RETURNED', stateSince: transition.eventTime };
    case 'CLEARED':
      return { ...alarm, state: 'CLEARED', stateSince: transition.eventTime };
    case 'ACKNOWLEDGED':
      return { ...alarm, acknowledged: true };
    case 'SHELVED':
    case 'UNSHELVED':
      return { ...alarm, shelved: transition.transition === 'SHELVED' };
    case 'SUPPRESSED':
    case 'UNSUPPRESSED':
      return { ...alarm, suppressed: transition.transition === 'SUPPRESSED' };
    case 'ESCALATED':
      return { ...alarm, escalated: true };
    case 'COMMENTED':
    case 'OTHER':
      return alarm;
  }
}
