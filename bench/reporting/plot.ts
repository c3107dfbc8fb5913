/** Draws the report's bars as SVG, readable on a light and on a dark background. */
import { medianOf } from './spread.ts';

export interface Bar {
  readonly label: string;
  /** The median; `low` and `high` are the least and the greatest of the repeats. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Plot {
  /** The file's name, without `.svg`. */
  readonly name: string;
  readonly title: string;
  readonly bars: readonly Bar[];
}

export const barOf = (label: string, values: readonly number[]): Bar => ({
  label,
  value: medianOf(values),
  low: Math.min(...values),
  high: Math.max(...values),
});

const [width, labelWidth, rowHeight, top] = [760, 240, 26, 40];
const scaleWidth = width - labelWidth - 110;

export function svgOf({ title, bars }: Plot): string {
  const most = Math.max(...bars.map(({ high }) => high), Number.MIN_VALUE);
  const x = (value: number): number => labelWidth + (value / most) * scaleWidth;
  const rows = bars.map(({ label, value, low, high }, index) => {
    const y = top + index * rowHeight;
    const middle = y + rowHeight / 2 - 3;
    return [
      `<text x="${labelWidth - 10}" y="${middle + 4}" text-anchor="end">${escape(label)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${round(x(value) - labelWidth)}" height="${rowHeight - 8}" rx="2"/>`,
      `<path d="M${round(x(low))} ${middle}H${round(x(high))}"/>`,
      `<text x="${round(x(high)) + 8}" y="${middle + 4}">${plain(value)}</text>`,
    ].join('');
  });
  const height = top + bars.length * rowHeight + 8;
  const style =
    'text{font:13px system-ui,sans-serif;fill:#4b5563}.t{font-weight:600}rect{fill:#2563eb;fill-opacity:.75}path{stroke:#111827;stroke-width:2}' +
    '@media(prefers-color-scheme:dark){text{fill:#d1d5db}path{stroke:#f9fafb}}';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">`,
    `<style>${style}</style><text class="t" x="10" y="22">${escape(title)}</text>`,
    ...rows,
    '</svg>\n',
  ].join('\n');
}

const round = (value: number): number => Math.round(value * 10) / 10;
const plain = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });
const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
