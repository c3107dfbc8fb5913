/** The two kinds of charts on the page: the trend of the probability, and a small chart per tag. */
import uPlot from '/vendor/uplot.js';
import { shortPercent } from '../../base/text.ts';
import { clock } from './format.ts';
import { colour } from './theme.ts';

/** The data of a chart: columns, and the ends of the time axis in s since the epoch. */
export interface Picture {
  readonly data: uPlot.AlignedData;
  readonly from: number;
  readonly until: number;
}

export interface Chart {
  /** Draws the picture now if the chart is on screen, otherwise as soon as it is. */
  draw(picture: () => Picture): void;
}

const drawings = new WeakMap<Element, () => void>();
const visible = new WeakSet<Element>();
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) visible.add(target);
    else visible.delete(target);
    if (isIntersecting) drawings.get(target)?.();
  }
});

/** Makes a chart that fills its box and follows its size. */
function chartIn(box: HTMLElement, options: Omit<uPlot.Options, 'width' | 'height'>): Chart {
  let plot: uPlot | undefined;
  watcher.observe(box);
  new ResizeObserver(() => {
    if (box.clientWidth > 0) plot?.setSize({ width: box.clientWidth, height: box.clientHeight });
  }).observe(box);
  return {
    draw(picture) {
      const show = (): void => {
        if (box.clientWidth === 0) return;
        const { data, from, until } = picture();
        plot ??= new uPlot({ ...options, width: box.clientWidth, height: box.clientHeight }, data, box);
        plot.batch(() => {
          plot?.setData(data, false);
          plot?.setScale('x', { min: from, max: until });
        });
      };
      drawings.set(box, show);
      if (visible.has(box)) show();
    },
  };
}

const still: Partial<uPlot.Options> = { cursor: { show: false }, legend: { show: false } };

/**
 * Probability over time with its interval and the threshold. Data: times, lower, upper, probability.
 * @param threshold read at each drawing, because a new bundle may have another threshold
 * @param top upper end of the axis, read at each drawing; the same for all cards, so that they can be compared
 */
export function trendChart(box: HTMLElement, threshold: () => number | null, top: () => number): Chart {
  const stroke = (name: string) => () => colour(name);
  return chartIn(box, {
    ...still,
    padding: [6, 16, 0, 0],
    scales: {
      x: { time: true },
      y: { range: () => [0, top()] },
    },
    axes: [
      {
        stroke: stroke('--quiet'),
        grid: { show: false },
        ticks: { show: false },
        size: 20,
        font: '11px system-ui, sans-serif',
        values: (_plot, times) => times.map((time) => clock(time * 1000).slice(0, 5)),
      },
      {
        stroke: stroke('--quiet'),
        grid: { stroke: stroke('--grid'), width: 1 },
        ticks: { show: false },
        size: 48,
        font: '11px system-ui, sans-serif',
        values: (_plot, shares) => shares.map((share) => shortPercent(share)),
      },
    ],
    series: [
      {},
      { stroke: 'transparent', points: { show: false } },
      { stroke: 'transparent', points: { show: false } },
      { stroke: stroke('--ink'), width: 2, points: { show: false } },
    ],
    bands: [{ series: [2, 1], fill: stroke('--band') }],
    hooks: {
      draw: [
        (plot) => {
          const limit = threshold();
          if (limit !== null) dashedLine(plot, plot.valToPos(limit, 'y', true), colour('--limit'));
        },
      ],
    },
  });
}

/** Times in s of the points that are flagged, held or missing; shown as bars at the bottom. */
export type Marked = readonly number[];

/**
 * The last minutes of a tag, drawn over its normal band. Data: times, values.
 * @param marked read at each drawing
 */
export function signalChart(
  box: HTMLElement,
  normal: readonly [number, number],
  marked: () => Marked,
): Chart {
  const [low, high] = normal;
  const margin = (high - low) * 0.25;
  return chartIn(box, {
    ...still,
    padding: [3, 3, 3, 3],
    scales: {
      x: { time: true },
      y: { range: (_plot, least, most) => [Math.min(low - margin, least), Math.max(high + margin, most)] },
    },
    axes: [{ show: false }, { show: false }],
    series: [{}, { stroke: () => colour('--ink'), width: 1.5, points: { show: false } }],
    hooks: {
      drawClear: [
        (plot) => {
          const top = plot.valToPos(high, 'y', true);
          plot.ctx.fillStyle = colour('--normal');
          plot.ctx.fillRect(plot.bbox.left, top, plot.bbox.width, plot.valToPos(low, 'y', true) - top);
        },
      ],
      draw: [
        (plot) => {
          drawMarks(plot, marked());
        },
      ],
    },
  });
}

function dashedLine(plot: uPlot, y: number, stroke: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

function drawMarks(plot: uPlot, marked: Marked): void {
  const { ctx, bbox } = plot;
  const width = 2.5 * devicePixelRatio;
  const height = 4 * devicePixelRatio;
  ctx.fillStyle = colour('--mark');
  for (const time of marked) {
    ctx.fillRect(plot.valToPos(time, 'x', true) - width / 2, bbox.top + bbox.height - height, width, height);
  }
}
