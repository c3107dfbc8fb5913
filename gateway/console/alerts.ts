/** The list of alerts of the whole line: open ones by priority, the lately cleared folded away below. */
import { AlarmList, type Alarm } from '../shared/alarms.ts';
import type { Alert } from '../../schemas/generated/types.ts';
import type { PlantView } from '../shared/messages.ts';
import { byId, h, setText } from './dom.ts';
import { cellName, domId, moment, percent, quantity } from './format.ts';

/** By shape and word as well as by colour (ISA-101). */
const shapes: Readonly<Record<Alert['priority'], string>> = {
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

export class AlertPanel {
  readonly #plant: PlantView;
  #list = new AlarmList();
  #fresh = true;

  constructor(plant: PlantView) {
    this.#plant = plant;
  }

  reset(transitions: readonly Alert[]): void {
    this.#list = new AlarmList();
    for (const transition of transitions) this.#list.apply(transition);
    this.#show();
  }

  add(transition: Alert): void {
    if (!this.#list.apply(transition)) return;
    this.#show();
    if (transition.transition === 'RAISED' || transition.transition === 'CLEARED') this.#announce(transition);
  }

  #show(): void {
    const open = this.#list.open();
    const cleared = this.#list.cleared().slice(0, 20);
    const now = Date.now();
    byId('alerts-open').replaceChildren(...open.map((alarm) => this.#item(alarm, now)));
    byId('alerts-cleared').replaceChildren(...cleared.map((alarm) => this.#item(alarm, now)));
    byId('alerts-none').hidden = open.length > 0;
    byId('alerts-past').hidden = cleared.length === 0;
    setText(byId('alerts-past-count'), `Lately cleared (${cleared.length})`);
    setText(byId('alerts-count'), String(open.length));
    const line = this.#plant.hierarchy.line;
    document.title = open.length > 0 ? `(${open.length}) ${line}` : line;
    this.#fresh = false;
  }

  #item(alarm: Alarm, now: number): HTMLElement {
    const alert = alarm.latest;
    const { priority } = alert;
    const words = [stateWords[alarm.state], ...flags(alarm)].join(', ');
    const pieces = [...this.#plant.pieceLevels]
      .flatMap((level) => (alert.piece[level] === undefined ? [] : [`${level} ${alert.piece[level]}`]))
      .join(' · ');
    return h(
      'li',
      { class: 'alert', 'data-priority': priority, 'data-state': alarm.state, 'data-id': alarm.id },
      h(
        'p',
        { class: 'alert-head' },
        h('span', { class: 'badge' }, `${shapes[priority]} ${priority}`),
        h('span', { class: 'alert-state' }, words),
      ),
      h(
        'h3',
        {},
        h('a', { href: `#${domId('asset', alert.asset)}` }, cellName(alert.asset)),
        ` ${this.#title(alert)}`,
      ),
      h('p', { class: 'alert-facts' }, this.#facts(alarm, now)),
      pieces === '' ? null : h('p', { class: 'alert-piece' }, pieces),
      h('p', { class: 'alert-message' }, alert.message),
    );
  }

  #title(alert: Alert): string {
    return this.#plant.alertRules.find((rule) => rule.id === alert.rule)?.title ?? alert.rule;
  }

  #facts(alarm: Alarm, now: number): string {
    const { rule, peak, limit, raisedAt } = alarm.latest;
    const isProbability = this.#plant.alertRules.find((one) => one.id === rule)?.on === 'probability';
    const show = isProbability ? percent : quantity;
    const since = `since ${moment(raisedAt, now)}`;
    const until =
      alarm.state === 'ACTIVE'
        ? ''
        : `, ${stateWords[alarm.state].toLowerCase()} ${moment(alarm.stateSince, now)}`;
    return `${since}${until} · peak ${show(peak)}, limit ${show(limit)}`;
  }

  #announce(alert: Alert): void {
    if (this.#fresh) return;
    const what = alert.transition === 'RAISED' ? `${alert.priority.toLowerCase()} alert` : 'cleared';
    setText(byId('announcer'), `${cellName(alert.asset)}: ${what}, ${this.#title(alert)}`);
  }
}

function flags(alarm: Alarm): string[] {
  return [
    alarm.acknowledged ? 'acknowledged' : 'unacknowledged',
    ...(alarm.escalated ? ['escalated'] : []),
    ...(alarm.shelved ? ['shelved'] : []),
    ...(alarm.suppressed ? ['suppressed'] : []),
  ];
}
