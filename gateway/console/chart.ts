/** The two kinds of charts on the page: the probability's trend, and one small multiple per tag. */
import uPlot from '/vendor/uplot.js';
import { clock } from './format.ts';
import type { Line } from './store.ts';
import { colour } from './theme.ts';

export interface Chart {
  /** @param from s, start of the time axis @param until s, its end */
  draw(data: uPlot.AlignedData, from: number, until: number): void;
}

/** Only charts on screen are redrawn. */
const visible = new WeakSet<Element>();
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) visible.add(entry.target);
    else visible.delete(entry.target);
  }
});

export function isVisible(box: Element): boolean {
  return visible.has(box);
}

/** A chart that fills its box and follows its size. */
function chartIn(box: HTMLElement, options: Omit<uPlot.Options, 'width' | 'height'>): Chart {
  let plot: uPlot | undefined;
  watcher.observe(box);
  new ResizeObserver(() => {
    if (box.clientWidth > 0) plot?.setSize({ width: box.clientWidth, height: box.clientHeight });
  }).observe(box);
  return {
    draw(data, from, until) {
      if (!isVisible(box) || box.clientWidth === 0) return;
      plot ??= new uPlot({ ...options, width: box.clientWidth, height: box.clientHeight }, data, box);
      plot.batch(() => {
        plot?.setData(data, false);
        plot?.setScale('x', { min: from, max: until });
      });
    },
  };
}

const still: Partial<uPlot.Options> = { cursor: { show: false }, legend: { show: false } };

/**
 * Probability over time with its interval and the threshold. Data: times, probability, lower, upper.
 * @param threshold read at each drawing: a new bundle may bring another
 */
export function trendChart(box: HTMLElement, threshold: () => number | null): Chart {
  const stroke = (name: string) => () => colour(name);
  return chartIn(box, {
    ...still,
    padding: [6, 6, 0, 0],
    scales: {
      x: { time: true },
      y: {
        range: (_plot, _low, high) => [0, Math.min(1, Math.max(0.1, (threshold() ?? 0) * 1.6, high * 1.15))],
      },
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
        size: 40,
        font: '11px system-ui, sans-serif',
        values: (_plot, shares) => shares.map((share) => `${+(share * 100).toFixed(1)} %`),
      },
    ],
    series: [
      {},
      { stroke: stroke('--ink'), width: 2, points: { show: false } },
      { stroke: 'transparent', points: { show: false } },
      { stroke: 'transparent', points: { show: false } },
    ],
    bands: [{ series: [3, 2], fill: stroke('--band') }],
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

/** Where a tag's point is not simply measured: drawn as an open ring. */
export type Marked = (index: number) => boolean;

/**
 * One tag's last minutes over its normal band. Data: times, values.
 * @param marked read at each drawing, by index into the data
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
          drawRings(plot, marked());
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

function drawRings(plot: uPlot, marked: Marked): void {
  const { ctx } = plot;
  const [times, values] = plot.data;
  ctx.save();
  ctx.strokeStyle = colour('--mark');
  ctx.lineWidth = 1.5 * devicePixelRatio;
  values?.forEach((value, index) => {
    const time = times[index];
    if (value === null || value === undefined || time === undefined || !marked(index)) return;
    ctx.beginPath();
    ctx.arc(
      plot.valToPos(time, 'x', true),
      plot.valToPos(value, 'y', true),
      2.5 * devicePixelRatio,
      0,
      2 * Math.PI,
    );
    ctx.stroke();
  });
  ctx.restore();
}

/** The line as uPlot takes it. */
export function aligned(line: Line): uPlot.AlignedData {
  return [line.times, line.values];
}
