/**
 * Draws plots as inline SVG. Each has a title and a sentence for readers who cannot see it, and dashes as well as
 * colours.
 */
import type { Point } from '../numbers/ranked-rows.ts';
import { escape } from './page.ts';

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** Index into the palette, 0 … 6; it also selects the dash. */
  readonly hue: number;
  /** Whether to draw points as dots too. */
  readonly dots?: boolean;
}

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** The values to label; `text` formats them. */
  readonly ticks: readonly number[];
  readonly text?: (value: number) => string;
}

export interface LinePlot {
  readonly title: string;
  /** A sentence that says what the plot shows. */
  readonly says: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** Whether to draw the diagonal: the line of guessing, or of perfect calibration. */
  readonly diagonal?: boolean;
  /** A vertical line at x, with its label. */
  readonly mark?: { readonly at: number; readonly text: string };
}

const [width, height] = [360, 260];
const box = { left: 44, right: 12, top: 10, bottom: 38 };
const dashes = ['', '7 3', '3 3', '9 3 2 3', '1 4', '12 4', '5 5'];

export const unit: Omit<Axis, 'label'> = { from: 0, to: 1, ticks: [0, 0.25, 0.5, 0.75, 1] };

export function linePlot({ title, says, x, y, series, diagonal, mark }: LinePlot): string {
  const across = (value: number): number => place(value, x, box.left, width - box.right);
  const up = (value: number): number => place(value, y, height - box.bottom, box.top);
  const parts = [
    ...axes(x, y, across, up),
    ...(diagonal
      ? [`<path class="guide" d="M${across(x.from)} ${up(y.from)}L${across(x.to)} ${up(y.to)}" />`]
      : []),
    ...(mark === undefined ? [] : marked(mark, across(mark.at))),
    ...series.toReversed().map((each) => drawn(each, across, up)),
  ];
  return figure(title, says, `0 0 ${width} ${height}`, parts, series.length > 1 ? legend(series) : '');
}

function marked({ text }: { text: string }, x: number): string[] {
  const left = x > width / 2;
  return [
    `<path class="guide" d="M${round(x)} ${box.top}V${height - box.bottom}" />`,
    `<text x="${round(x + (left ? -5 : 5))}" y="${box.top + 12}" text-anchor="${left ? 'end' : 'start'}">${escape(text)}</text>`,
  ];
}

function drawn(
  { points, hue, dots }: Series,
  across: (v: number) => number,
  up: (v: number) => number,
): string {
  const at = points.map(([px, py]) => [round(across(px)), round(up(py))] as const);
  const line = at.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${px} ${py}`).join('');
  const dash = dashes[hue] ?? '';
  const marks = dots
    ? at.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3.5" fill="var(--s${hue})" />`)
    : [];
  return `<path class="series" d="${line}" stroke="var(--s${hue})"${dash === '' ? '' : ` stroke-dasharray="${dash}"`} />${marks.join('')}`;
}

function axes(x: Axis, y: Axis, across: (v: number) => number, up: (v: number) => number): string[] {
  const [bottom, right] = [height - box.bottom, width - box.right];
  return [
    ...y.ticks.map(
      (tick) =>
        `<path class="tick" d="M${box.left} ${round(up(tick))}H${right}" /><text x="${box.left - 6}" y="${round(up(tick)) + 4}" text-anchor="end">${said(y, tick)}</text>`,
    ),
    ...x.ticks.map(
      (tick) =>
        `<text x="${round(across(tick))}" y="${bottom + 16}" text-anchor="middle">${said(x, tick)}</text>`,
    ),
    `<path class="axis" d="M${box.left} ${box.top}V${bottom}H${right}" />`,
    `<text x="${(box.left + right) / 2}" y="${height - 4}" text-anchor="middle">${escape(x.label)}</text>`,
    `<text transform="translate(11 ${(box.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(y.label)}</text>`,
  ];
}

export interface DotBar {
  readonly name: string;
  readonly value: number;
  /** A thin line over this range shows the uncertainty. */
  readonly between?: readonly [number, number] | null;
  readonly text: string;
}

export interface DotPlot {
  readonly title: string;
  readonly says: string;
  readonly from: number;
  readonly to: number;
  readonly bars: readonly DotBar[];
  /** Whether to draw bars from the left edge instead of dots with ranges. */
  readonly filled?: boolean;
  readonly mark?: number;
}

/** Draws one line for each value, with its name at the left. */
export function dotPlot({ title, says, from, to, bars, filled = false, mark }: DotPlot): string {
  const longest = Math.max(...bars.map(({ name }) => name.length), 4);
  const [left, row, wide] = [Math.min(330, 14 + longest * 7), 22, 560];
  const tall = bars.length * row + 8;
  const across = (value: number): number =>
    round(left + (wide - 70 - left) * Math.max(0, Math.min(1, (value - from) / (to - from || 1))));
  const parts = bars.map(({ name, value, between, text }, index) => {
    const y = index * row + 15;
    const shape = filled
      ? `<rect x="${left}" y="${y - 8}" width="${Math.max(1, across(value) - left)}" height="12" fill="var(--s0)" />`
      : `${between ? `<path d="M${across(between[0])} ${y - 3}H${across(between[1])}" stroke="var(--s0)" stroke-width="2" />` : ''}<circle cx="${across(value)}" cy="${y - 3}" r="4.5" fill="var(--s0)" />`;
    return `<text x="${left - 8}" y="${y + 1}" text-anchor="end">${escape(name)}</text><path class="tick" d="M${left} ${y + 8}H${wide}" />${shape}<text x="${wide - 4}" y="${y + 1}" text-anchor="end">${escape(text)}</text>`;
  });
  const line = mark === undefined ? [] : [`<path class="guide" d="M${across(mark)} 0V${tall}" />`];
  return figure(title, says, `0 0 ${wide} ${tall}`, [...line, ...parts], '');
}

function figure(
  title: string,
  says: string,
  viewBox: string,
  parts: readonly string[],
  after: string,
): string {
  return `<figure><h3>${escape(title)}</h3><svg viewBox="${viewBox}" role="img" aria-label="${escape(`${title}. ${says}`)}"><title>${escape(title)}</title>${parts.join('')}</svg>${after}<figcaption>${escape(says)}</figcaption></figure>`;
}

const legend = (series: readonly Series[]): string =>
  `<ul class="legend">${series
    .map(
      ({ name, hue }) =>
        `<li><svg viewBox="0 0 26 10" aria-hidden="true"><path class="series" d="M0 5H26" stroke="var(--s${hue})" stroke-dasharray="${dashes[hue] ?? ''}" /></svg>${escape(name)}</li>`,
    )
    .join('')}</ul>`;

const place = (value: number, { from, to }: Axis, low: number, high: number): number =>
  round(low + ((Math.max(from, Math.min(to, value)) - from) / (to - from || 1)) * (high - low));
const said = (axis: Axis, value: number): string => escape(axis.text?.(value) ?? String(value));
const round = (value: number): number => Math.round(value * 10) / 10;
