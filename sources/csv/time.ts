/** Reads a row's time in the declared form. What does not fit is malformed: a time is never guessed. */
import { timePattern, type TimePattern } from '../../processes/time-pattern.ts';
import type { CsvTime } from '../../processes/csv-schema.ts';
import { timeFault } from '../../base/outside-time.ts';
import { momentsIn, type Moments } from './zone.ts';

export type ReadTime =
  | {
      readonly kind: 'time';
      /** ms since the epoch */
      readonly at: number;
      /** Set when clocks showed this time twice: which of the two it was taken for. */
      readonly repeated?: 'first' | 'second';
    }
  | { readonly kind: 'malformed'; readonly what: string };

/** Where the order of the rows decides: how far a row may be before the latest one of its cell. */
export interface RowOrder {
  /** The latest time of the cell, ms since the epoch; undefined before its first row. */
  readonly latest: number | undefined;
  readonly grace: number;
}

export type TimeReader = (text: string, order: RowOrder) => ReadTime;

export function timeReader(rule: CsvTime): TimeReader {
  const read = unboundedReader(rule);
  return (text, order) => {
    const found = read(text, order);
    if (found.kind === 'malformed') return found;
    const fault = timeFault(found.at);
    return fault === undefined ? found : malformed(`"${text}" as ${rule.format} ${fault}`);
  };
}

const malformed = (what: string): ReadTime => ({ kind: 'malformed', what });

function unboundedReader(rule: CsvTime): TimeReader {
  const { format } = rule;
  if (format === 'iso') return offsetReader([isoPattern, isoWithBlank], 'ISO 8601 with its zone');
  if (format.startsWith('epoch-')) return epochReader(rule);
  const pattern = timePattern(format === 'datetime' ? dateTime : format);
  const shown = format === 'datetime' ? 'YYYY-MM-DD HH:MM:SS[.sss]' : format;
  return pattern.hasOffset ? offsetReader([pattern], shown) : wallReader(rule, pattern, shown);
}

const dateTime = 'yyyy-MM-dd HH:mm:ss[.S]';
const isoPattern = timePattern("yyyy-MM-dd'T'HH:mm[:ss[.S]]XXX");
const isoWithBlank = timePattern('yyyy-MM-dd HH:mm[:ss[.S]]XXX');

const offsetReader =
  (patterns: readonly TimePattern[], shown: string): TimeReader =>
  (text) => {
    for (const pattern of patterns) {
      const found = pattern.read(text);
      if (found !== undefined) return { kind: 'time', at: found.wall - (found.offset ?? 0) };
    }
    return malformed(`"${text}" is not a time as ${shown}`);
  };

function wallReader(
  { zone = 'UTC', repeatedHour }: CsvTime,
  pattern: TimePattern,
  shown: string,
): TimeReader {
  const moments = momentsIn(zone);
  return (text, order) => {
    const found = pattern.read(text);
    if (found === undefined) return malformed(`"${text}" is not a time as ${shown}`);
    return momentOf(text, zone, moments(found.wall), repeatedHour, order);
  };
}

function momentOf(
  text: string,
  zone: string,
  moments: Moments,
  repeatedHour: CsvTime['repeatedHour'],
  order: RowOrder,
): ReadTime {
  if (moments.kind === 'once') return { kind: 'time', at: moments.at };
  if (moments.kind === 'never')
    return malformed(`"${text}" does not exist in ${zone}: clocks are put forward over it`);
  const twice = `"${text}" occurs twice in ${zone}, where clocks are put back`;
  const first = { kind: 'time', at: moments.earlier, repeated: 'first' } as const;
  const second = { kind: 'time', at: moments.later, repeated: 'second' } as const;
  switch (repeatedHour) {
    case 'earlier':
      return first;
    case 'later':
      return second;
    case 'refuse':
      return malformed(`${twice}; csv.time.repeatedHour does not say which is meant`);
    case 'in-order':
      if (order.latest === undefined) return malformed(`${twice}, and no row of the cell is before it`);
      return first.at >= order.latest - order.grace ? first : second;
  }
}

/** Days from 1970 back to the other epochs. 1900: the day 1 of spreadsheets is 1 January 1900, with their 29 February 1900. */
const epochDays = { 1970: 0, 1904: 24_107, 1900: 25_569, 1601: 134_774 } as const;
const day = 86_400_000;
/** ns */
const units = { s: 1e9, ms: 1e6, us: 1e3, '100ns': 100, ns: 1, days: day * 1e6 } as const;
type Unit = keyof typeof units;
const decimalNumber = /^(-?\d{1,20})(?:\.(\d+))?$/;

function epochReader(rule: CsvTime): TimeReader {
  const { format, epoch, zone, repeatedHour } = rule;
  const unit = format.slice('epoch-'.length) as Unit;
  const moments = unit === 'days' ? momentsIn(zone ?? 'UTC') : undefined;
  return (text, order) => {
    const [, whole, fraction] = decimalNumber.exec(text.replace(',', '.')) ?? [];
    if (whole === undefined) return malformed(`"${text}" is not a number of ${unit} since ${epoch}`);
    const at = msOf(whole, fraction, unit) - epochDays[epoch] * day;
    if (moments === undefined || !Number.isFinite(at) || Math.abs(at) > 8e15) return { kind: 'time', at };
    return momentOf(text, zone ?? 'UTC', moments(at), repeatedHour, order);
  };
}

/** Exact for whole numbers beyond 2^53, as counts of ns are. Rounded to the nearest ms. */
function msOf(whole: string, fraction: string | undefined, unit: Unit): number {
  if (units[unit] >= 1e6)
    return Math.round(Number(fraction === undefined ? whole : `${whole}.${fraction}`) * (units[unit] / 1e6));
  const perMs = BigInt(1e6 / units[unit]);
  const count = BigInt(whole);
  return Number((count < 0n ? count - perMs / 2n : count + perMs / 2n) / perMs);
}
