/** Formats numbers, times and names for the page. Pure, so that it can be tested without a browser. */
import { percentNearEnds, timeSpan } from '../../base/text.ts';

/** Uses a true minus sign, and never shows a negative zero. */
function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}

/** With a space that does not break: see `percentNearEnds`. */
export const percentText = (share: number): string => percentNearEnds(share).replace(' ', '\u00a0');

/** About three significant digits, never in exponents: 0.012, 7.13, 104, 4210. */
export function formatQuantity(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && size < 0.01) return fixed(value, 4);
  const digits = size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0;
  return fixed(value, digits);
}

/** Formats values of a tag with enough decimals to divide its normal band into about a hundred steps. */
export function decimals([low, high]: readonly [number, number]): (value: number) => string {
  const digits = Math.min(6, Math.max(0, Math.round(2 - Math.log10(high - low))));
  return (value) => fixed(value, digits);
}

/** `14:03:12` in the viewer's time zone, or in another. */
export function clock(time: number, timeZone?: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(time);
}

/** `9 Mar 2020` in the viewer's time zone. */
export function day(time: number): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }).format(time);
}

/** `14:03:12`, with the day in front if it is not today. */
export function moment(time: number, now: number): string {
  return day(time) === day(now) ? clock(time) : `${day(time)}, ${clock(time)}`;
}

/** `4 s`, `12 min`, `3 h 20 min`, `2 d`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} d`;
}

/** `180 ms` below a second, otherwise like `span`. */
export function delay(ms: number): string {
  return ms < 1000
    ? `${Math.max(0, Math.round(ms))} ms`
    : ms < 10_000
      ? `${(ms / 1000).toFixed(1)} s`
      : timeSpan(ms);
}

/** The name of the viewer's time zone: `Europe/Vienna`. */
export function viewerZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The last part of an ISA-95 path: the name that operators use. */
export function cellName(asset: string): string {
  return asset.slice(asset.lastIndexOf('/') + 1);
}

/** Makes an id for the page from an asset path. */
export function domId(prefix: string, asset: string): string {
  return `${prefix}-${asset.replaceAll(/[^A-Za-z0-9_-]+/g, '-')}`;
}
