/** The card of an asset: the probability and its trend, the reasons, the piece, and how sure the prediction is. */
import { timeSpan } from '../../base/text.ts';
import type { Prediction } from '../../schemas/generated/types.ts';
import type { Alarm } from '../shared/alarms.ts';
import type { PlantView } from '../shared/messages.ts';
import { openWords } from './alarm-facts.ts';
import { trendChart, type Chart } from './chart.ts';
import { h, setAttribute, setText } from './dom.ts';
import { cellName, domId, moment, percentText } from './format.ts';
import { createSignals, remark } from './signals.ts';
import { line, predictionWindow, type AssetStore, type LinkState, type Status } from './store.ts';

export interface Card {
  readonly element: HTMLElement;
  /** Whether its signals are unfolded. */
  isOpen(): boolean;
  /** Shows the data in the store. */
  update(store: AssetStore): void;
  /** Shows the status and the open alarms; called once a second. */
  tick(store: AssetStore, now: number, link: LinkState, open: readonly Alarm[]): void;
}

const reasonsShown = 4;

/**
 * @param open whether the signals are unfolded from the start
 * @param top upper end of the axis of the probability
 * @param onOpen called when the signals are unfolded
 */
export function createCard(
  plant: PlantView,
  asset: string,
  open: boolean,
  top: () => number,
  onOpen: () => void,
): Card {
  const titleId = domId('title', asset);
  const status = h('p', { class: 'status' }, 'Waiting for data');
  const piece = h('p', { class: 'piece' });
  const number = h('p', { class: 'probability' }, '–');
  const verdict = h('p', { class: 'verdict' });
  const alarms = h('div', { class: 'open-alarms' });
  const interval = h('p', { class: 'interval' });
  const confidence = h('p', { class: 'interval confidence' });
  const trend = h('div', { class: 'trend', role: 'img' });
  const reasons = h('ol', { class: 'reasons' });
  const summary = h('span', { class: 'exceptions' });
  const signals = createSignals(plant);
  const details = h(
    'details',
    { class: 'more' },
    h('summary', {}, h('span', { class: 'more-title' }, 'Signals'), summary),
    signals.element,
  );
  details.open = open;
  const element = h(
    'article',
    {
      class: 'card',
      id: domId('asset', asset),
      'aria-labelledby': titleId,
      tabindex: '-1',
      'data-asset': asset,
    },
    h('header', {}, h('h2', { id: titleId }, cellName(asset)), piece, status),
    h(
      'div',
      { class: 'risk' },
      h('p', { class: 'target' }, plant.target.title),
      h('div', { class: 'now' }, number, verdict, interval, confidence),
      trend,
    ),
    alarms,
    h('div', { class: 'why' }, h('h3', {}, 'Why'), reasons),
    details,
  );
  const chart = trendChart(trend, () => lastThreshold, top);
  let lastThreshold: number | null = null;

  const update = (store: AssetStore): void => {
    const prediction = store.latestPrediction();
    if (prediction !== undefined) {
      lastThreshold = prediction.threshold;
      const state = stateOf(prediction);
      setAttribute(element, 'data-risk', state);
      setText(number, prediction.probability === null ? 'n/a' : percentText(prediction.probability));
      setText(verdict, verdicts[state](prediction));
      setText(interval, intervalText(prediction));
      setText(confidence, confidenceText(prediction));
      setText(piece, pieceText(plant, prediction));
      showReasons(reasons, prediction);
      drawTrend(plant, store, trend, chart);
    } else setText(verdict, 'No prediction yet. The first one comes when the longest window is full.');
    setText(summary, exceptions(plant, store));
    if (details.open) signals.update(store);
  };
  // Charts need their size, which they have only once the signals are laid out.
  details.addEventListener('toggle', () => {
    if (!details.open) return;
    if (latest !== undefined) signals.update(latest);
    onOpen();
  });
  let latest: AssetStore | undefined;
  return {
    element,
    isOpen: () => details.open,
    update(store) {
      latest = store;
      update(store);
    },
    tick(store, now, link, open) {
      const state = store.status(now, link, plant.staleAfter);
      setAttribute(element, 'data-status', state.kind);
      setText(status, statusText(state, now));
      showAlarms(alarms, plant, store, open, now);
    },
  };
}

type Risk = 'normal' | 'above' | 'unavailable';

function stateOf(prediction: Prediction): Risk {
  if (prediction.probability === null) return 'unavailable';
  return prediction.probability >= prediction.threshold ? 'above' : 'normal';
}

const verdicts: Readonly<Record<Risk, (prediction: Prediction) => string>> = {
  normal: ({ threshold }) => `below limit ${percentText(threshold)}`,
  above: ({ threshold }) => `▲ ABOVE limit ${percentText(threshold)}`,
  unavailable: ({ reason }) => `no prediction: ${reason ?? 'the models did not answer'}`,
};

function intervalText({ lower, upper }: Prediction): string {
  return lower === null || upper === null ? '' : `likely ${percentText(lower)} to ${percentText(upper)}`;
}

/** The confidence of the prediction, and the reason if it is degraded. */
function confidenceText({ confidence, status, reason }: Prediction): string {
  const sure = confidence === null ? '' : `confidence ${percentText(confidence)}`;
  return status === 'DEGRADED' ? `${sure} · degraded: ${reason ?? 'a model is missing'}` : sure;
}

/** `heat 4711 · slab 3 · grade X70`: levels outermost first, then the properties. */
function pieceText(plant: PlantView, { piece }: Prediction): string {
  return [...plant.pieceLevels, ...plant.pieceProperties]
    .flatMap((name) => (piece[name] === undefined ? [] : [`${name} ${piece[name]}`]))
    .join(' · ');
}

function showAlarms(
  box: HTMLElement,
  plant: PlantView,
  store: AssetStore,
  open: readonly Alarm[],
  now: number,
): void {
  const items = open.map((alarm) => {
    const rule = plant.alertRules.find(({ id }) => id === alarm.latest.rule);
    const words = openWords(alarm, rule?.on ?? '', store.latestPrediction(), now);
    return h(
      'p',
      { 'data-priority': alarm.latest.priority },
      `${words} (${rule?.title ?? alarm.latest.rule})`,
    );
  });
  const key = items.map((item) => item.outerHTML).join('');
  if (box.dataset['key'] === key) return;
  box.dataset['key'] = key;
  box.replaceChildren(...items);
}

function showReasons(list: HTMLElement, { contributions }: Prediction): void {
  const shown = contributions.slice(0, reasonsShown);
  const key = JSON.stringify(shown);
  if (list.dataset['key'] === key) return;
  list.dataset['key'] = key;
  list.replaceChildren(
    ...shown.map(({ contribution, text, feature }) => {
      const raises = contribution > 0;
      return h(
        'li',
        { class: raises ? 'raises' : 'lowers', title: feature },
        h('span', { class: 'direction' }, raises ? '▲ raises' : '▼ lowers'),
        ` ${text}`,
      );
    }),
  );
  if (shown.length === 0) list.append(h('li', { class: 'none' }, 'The models give no reasons.'));
}

function drawTrend(plant: PlantView, store: AssetStore, box: HTMLElement, chart: Chart): void {
  const gap = 3 * plant.predictionPeriod;
  chart.draw(() => {
    const middle = line(store.trend, ({ probability }) => probability, gap);
    const lower = line(store.trend, (one) => one.lower ?? one.probability, gap);
    const upper = line(store.trend, (one) => one.upper ?? one.probability, gap);
    const until = (store.latestPrediction()?.eventTime ?? 0) / 1000;
    const data = [middle.times, lower.values, upper.values, middle.values] as const;
    return { data: [...data], from: until - predictionWindow / 1000, until };
  });
  const known = store.trend.flatMap(({ probability }) => probability ?? []);
  const most = known.reduce((a, b) => Math.max(a, b), 0);
  const now = percentText(known.at(-1) ?? 0);
  setAttribute(
    box,
    'aria-label',
    `Trend of the last ${timeSpan(predictionWindow)}: now ${now}, highest ${percentText(most)}`,
  );
}

/** `2 of 26 not normal: mould level, superheat`: names the signals to look at. */
function exceptions(plant: PlantView, store: AssetStore): string {
  const scan = store.latestScan();
  if (scan === undefined) return '';
  const marks = new Map(scan.marks.map((mark) => [mark.tag, mark]));
  const off = plant.tags.filter((tag, at) => remark(tag, scan.values[at] ?? null, marks.get(at)) !== null);
  if (off.length === 0) return `all ${plant.tags.length} normal`;
  const names = off.slice(0, 3).map((tag) => tag.title);
  if (off.length > names.length) names.push('…');
  return `${off.length} of ${plant.tags.length} not normal: ${names.join(', ')}`;
}

function statusText(status: Status, now: number): string {
  switch (status.kind) {
    case 'live':
      return '● Live';
    case 'waiting':
      return '○ Waiting for data';
    case 'stale':
      return status.since === null ? '◌ No data' : `◌ Stale since ${moment(status.since, now)}`;
    case 'disconnected':
      return `✕ Disconnected since ${moment(status.since, now)}`;
  }
}
