/** The list of alarms of the line: open ones by priority, recently cleared ones folded below. */
import { AlarmList, type Alarm } from '../shared/alarms.ts';
import type { Alert } from '../../schemas/generated/types.ts';
import type { PlantView } from '../shared/messages.ts';
import { alarmTimes, alarmWords, isWithoutData, Peaks, shapes } from './alarm-facts.ts';
import { byId, h, setText } from './dom.ts';
import { cellName, domId, percentText, formatQuantity } from './format.ts';
import type { AssetStore, Status } from './store.ts';

/** Finds the data and status of an asset; undefined for an asset without a card. */
export type Lookup = (
  asset: string,
  now: number,
) => { readonly store: AssetStore; readonly status: Status } | undefined;

export class AlertPanel {
  readonly #plant: PlantView;
  readonly #lookup: Lookup;
  readonly #peaks = new Peaks();
  readonly #shown = new Map<string, string>();
  #list = new AlarmList();
  #fresh = true;

  constructor(plant: PlantView, lookup: Lookup) {
    this.#plant = plant;
    this.#lookup = lookup;
  }

  reset(transitions: readonly Alert[]): void {
    this.#list = new AlarmList();
    for (const transition of transitions) this.#list.apply(transition);
    this.update(Date.now());
    this.#fresh = false;
  }

  add(transition: Alert): void {
    if (!this.#list.apply(transition)) return;
    this.update(Date.now());
    if (transition.transition === 'RAISED' || transition.transition === 'CLEARED') this.#announce(transition);
  }

  /** Highest priority first. */
  openOf(asset: string): Alarm[] {
    return this.#list.open().filter(({ latest }) => latest.asset === asset);
  }

  /** Shows the alarms with the newest data of their assets. */
  update(now: number): void {
    const open = this.#list.open();
    const cleared = this.#list.cleared().slice(0, 20);
    this.#show('alerts-open', open, now);
    this.#show('alerts-cleared', cleared, now);
    byId('alerts-none').hidden = open.length > 0;
    byId('alerts-past').hidden = cleared.length === 0;
    setText(byId('alerts-past-count'), `Recently cleared (${cleared.length})`);
    setText(byId('alerts-count'), String(open.length));
    const line = this.#plant.hierarchy.line;
    document.title = open.length > 0 ? `(${open.length}) ${line}` : line;
  }

  /** Changes the page only when something is new, so as not to disturb selections and screen readers. */
  #show(id: string, alarms: readonly Alarm[], now: number): void {
    const items = alarms.map((alarm) => this.#item(alarm, now));
    const html = items.map((item) => item.outerHTML).join('');
    if (this.#shown.get(id) === html) return;
    this.#shown.set(id, html);
    byId(id).replaceChildren(...items);
  }

  #item(alarm: Alarm, now: number): HTMLElement {
    const alert = alarm.latest;
    const { priority } = alert;
    const known = this.#lookup(alert.asset, now);
    const pieces = [...this.#plant.pieceLevels]
      .flatMap((level) => (alert.piece[level] === undefined ? [] : [`${level} ${alert.piece[level]}`]))
      .join(' · ');
    return h(
      'li',
      {
        class: 'alert',
        'data-priority': priority,
        'data-state': alarm.state,
        'data-no-data': isWithoutData(alarm, known?.status) ? '' : null,
        'data-id': alarm.id,
      },
      h(
        'p',
        { class: 'alert-head' },
        h('span', { class: 'badge' }, `${shapes[priority]} ${priority}`),
        h('span', { class: 'alert-state' }, alarmWords(alarm, known?.status, now)),
      ),
      h(
        'h3',
        {},
        h('a', { href: `#${domId('asset', alert.asset)}` }, cellName(alert.asset)),
        ` ${this.#title(alert)}`,
      ),
      h('p', { class: 'alert-facts' }, this.#facts(alarm, known?.store, now)),
      pieces === '' ? null : h('p', { class: 'alert-piece' }, pieces),
      h('p', { class: 'alert-message' }, alert.message),
    );
  }

  #title(alert: Alert): string {
    return this.#plant.alertRules.find((rule) => rule.id === alert.rule)?.title ?? alert.rule;
  }

  #facts(alarm: Alarm, store: AssetStore | undefined, now: number): string {
    const { rule, limit } = alarm.latest;
    const on = this.#plant.alertRules.find((one) => one.id === rule)?.on ?? '';
    const show = on === 'probability' ? percentText : formatQuantity;
    const peak = this.#peaks.of(alarm, on, store?.trend ?? []);
    return `${alarmTimes(alarm, now)} · peak ${show(peak)}, limit ${show(limit)}`;
  }

  #announce(alert: Alert): void {
    if (this.#fresh) return;
    const what = alert.transition === 'RAISED' ? `${alert.priority.toLowerCase()} alarm` : 'cleared';
    setText(byId('announcer'), `${cellName(alert.asset)}: ${what}, ${this.#title(alert)}`);
  }
}
