/** The signals of an asset: small charts by group, each with its value, its unit and what is wrong with it. */
import type { RejectionReason, Treatment } from '../../schemas/generated/types.ts';
import type { Mark, PlantView, TagView } from '../shared/messages.ts';
import { signalChart } from './chart.ts';
import { h, setAttribute, setText } from './dom.ts';
import { decimals } from './format.ts';
import { line, scanWindow, type AssetStore } from './store.ts';

const treatments: Readonly<Record<Treatment, string>> = {
  MEASURED: 'uncertain',
  FLAGGED: 'flagged',
  HELD: 'held',
  MISSING: 'no value',
  DROPPED: 'dropped',
};
const reasons: Readonly<Record<RejectionReason, string>> = {
  RANGE: 'impossible',
  RATE_OF_CHANGE: 'changes too fast',
  STUCK: 'stuck',
  SENTINEL: 'error code',
  QUALITY: 'bad quality',
  COMPLETENESS: 'incomplete',
  DUPLICATE: 'duplicate',
  OUT_OF_ORDER: 'out of order',
  LATE: 'late',
  FUTURE: 'time in the future',
  STATISTICAL_ANOMALY: 'unusual',
  UNKNOWN_ASSET: 'unknown asset',
  UNKNOWN_TAG: 'unknown tag',
  NOT_A_NUMBER: 'not a number',
  ABSENT: 'absent',
  OTHER: 'see rejections',
};

/** The remark next to a value; null when the value is normal. */
export function remark(tag: TagView, value: number | null, mark: Mark | undefined): string | null {
  if (mark !== undefined) {
    const why = mark.reason === null ? '' : `: ${reasons[mark.reason]}`;
    return `${treatments[mark.treatment]}${why}`;
  }
  if (value === null) return 'no value';
  if (value > tag.normal[1]) return '▲ above normal';
  if (value < tag.normal[0]) return '▼ below normal';
  return null;
}

export interface Signals {
  readonly element: HTMLElement;
  update(store: AssetStore): void;
}

interface Tile {
  readonly element: HTMLElement;
  update(store: AssetStore): void;
}

export function createSignals(plant: PlantView): Signals {
  const tiles: Tile[] = [];
  const groups = Map.groupBy(
    plant.tags.map((tag, index) => ({ tag, index })),
    ({ tag }) => tag.group,
  );
  const sections = [...groups].map(([group, members]) => {
    const grid = h('div', { class: 'tiles' });
    for (const { tag, index } of members) {
      const tile = createTile(plant, tag, index);
      tiles.push(tile);
      grid.append(tile.element);
    }
    const section = h('section', { class: 'group' }, h('h3', {}, group), grid);
    section.style.setProperty('--members', String(members.length));
    return section;
  });
  return {
    element: h('div', { class: 'signals' }, ...sections),
    update(store) {
      for (const tile of tiles) tile.update(store);
    },
  };
}

function createTile(plant: PlantView, tag: TagView, index: number): Tile {
  const number = decimals(tag.normal);
  const value = h('span', { class: 'value' }, '–');
  const note = h('p', { class: 'note' });
  const box = h('div', { class: 'spark', 'aria-hidden': 'true' });
  const [low, high] = tag.normal;
  const element = h(
    'div',
    {
      class: 'tile',
      'data-tag': tag.id,
      title: `${tag.id}: normally ${number(low)} to ${number(high)} ${tag.unit}`,
    },
    h('h4', {}, tag.title),
    h('p', { class: 'number' }, value, h('span', { class: 'unit' }, ` ${tag.unit}`)),
    box,
    note,
  );
  let marked: readonly number[] = [];
  const chart = signalChart(box, tag.normal, () => marked);
  return {
    element,
    update(store) {
      const scan = store.latestScan();
      if (scan === undefined) return;
      const now = scan.values[index] ?? null;
      const mark = scan.marks.find((one) => one.tag === index);
      const text = remark(tag, now, mark);
      setText(value, now === null ? '–' : number(now));
      setText(note, text ?? '');
      setAttribute(
        element,
        'data-state',
        text === null ? null : mark === undefined && now !== null ? 'out' : 'suspect',
      );
      chart.draw(() => {
        const until = (store.dataTime() ?? 0) / 1000;
        const { times, values } = line(store.scans, (one) => one.values[index] ?? null, 3 * plant.scanPeriod);
        const suspect = store.scans.filter((one) => one.marks.some((other) => other.tag === index));
        marked = suspect.map(({ eventTime }) => eventTime / 1000);
        return { data: [times, values], from: until - scanWindow / 1000, until };
      });
    },
  };
}
