/** One asset's signals: small multiples by group, each with its number, unit and what is wrong with it. */
import type { Mark, PlantView, TagView } from '../shared/messages.ts';
import { aligned, isVisible, signalChart } from './chart.ts';
import { h, setAttribute, setText } from './dom.ts';
import { quantity } from './format.ts';
import { line, scanWindow, type AssetStore } from './store.ts';

/** What is to be said of a value besides its number; null when nothing is. */
export function remark(tag: TagView, value: number | null, mark: Mark | undefined): string | null {
  if (value === null) return 'no value';
  if (mark?.treatment === 'HELD') return 'held: last good value';
  if (mark?.reason) return `flagged: ${mark.reason.toLowerCase().replaceAll('_', ' ')}`;
  if (mark?.treatment === 'FLAGGED' || mark?.treatment === 'DROPPED') return 'flagged';
  if (mark !== undefined && mark.quality !== 'GOOD') return `quality ${mark.quality.toLowerCase()}`;
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
    return h('section', { class: 'group' }, h('h3', {}, group), grid);
  });
  return {
    element: h('div', { class: 'signals' }, ...sections),
    update(store) {
      for (const tile of tiles) tile.update(store);
    },
  };
}

function createTile(plant: PlantView, tag: TagView, index: number): Tile {
  const value = h('span', { class: 'value' }, '–');
  const note = h('p', { class: 'note' });
  const box = h('div', { class: 'spark', 'aria-hidden': 'true' });
  const [low, high] = tag.normal;
  const element = h(
    'div',
    {
      class: 'tile',
      'data-tag': tag.id,
      title: `${tag.id}: normally ${quantity(low)} to ${quantity(high)} ${tag.unit}`,
    },
    h('h4', {}, tag.title),
    h('p', { class: 'number' }, value, h('span', { class: 'unit' }, ` ${tag.unit}`)),
    box,
    note,
  );
  let marks = new Set<number>();
  const chart = signalChart(box, tag.normal, () => (at) => marks.has(at));
  return {
    element,
    update(store) {
      const scan = store.latestScan();
      if (scan === undefined) return;
      const now = scan.values[index] ?? null;
      const mark = scan.marks.find((one) => one.tag === index);
      const text = remark(tag, now, mark);
      setText(value, now === null ? '–' : quantity(now));
      setText(note, text ?? '');
      setAttribute(
        element,
        'data-state',
        text === null ? null : mark === undefined && now !== null ? 'out' : 'suspect',
      );
      if (!isVisible(box)) return;
      const data = line(store.scans, (one) => one.values[index] ?? null, 3 * plant.scanPeriod);
      const markedTimes = new Set<number>();
      for (const one of store.scans) {
        if (one.marks.some((other) => other.tag === index)) markedTimes.add(one.eventTime / 1000);
      }
      marks = new Set(data.times.flatMap((time, at) => (markedTimes.has(time) ? [at] : [])));
      chart.draw(aligned(data), (scan.eventTime - scanWindow) / 1000, scan.eventTime / 1000);
    },
  };
}
