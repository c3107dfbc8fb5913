/**
 * Declared forms of local time, such as `dd.MM.yyyy HH:mm:ss`. The letters are those of Java and .NET:
 *
 *   yyyy yy   year (`yy`: 2000 to 2099)      HH H   hour, 0 to 23      ss    second
 *   MM M      month (`MMM`: Jan, Feb, …)     hh h   hour with `a`      S     fraction of a second, 1 to 9 digits
 *   dd d      day                            mm     minute             XXX   offset from UTC: Z, +02:00 or +0200
 *
 * A part in brackets may be missing: `HH:mm[:ss]`. Letters between quotes stand for themselves: `'T'`.
 */

/** A time as a clock on the wall shows it. */
export interface WallTime {
  /** ms since the epoch, as if the wall were in UTC. */
  readonly wall: number;
  /** ms that the wall is ahead of UTC; undefined when the text does not say. */
  readonly offset: number | undefined;
}

export interface TimePattern {
  /** Whether its texts contain their offset from UTC. */
  readonly hasOffset: boolean;
  /** Returns undefined when the text does not fit, or there is no such day or time. */
  read(text: string): WallTime | undefined;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The letters, longest first, with the digits that they stand for. */
const letters: Readonly<Record<string, string>> = {
  yyyy: String.raw`(?<yyyy>\d{4})`,
  yy: String.raw`(?<yy>\d{2})`,
  MMM: `(?<MMM>${months.join('|')})`,
  MM: String.raw`(?<M>\d{2})`,
  M: String.raw`(?<M>\d{1,2})`,
  dd: String.raw`(?<d>\d{2})`,
  d: String.raw`(?<d>\d{1,2})`,
  HH: String.raw`(?<H>\d{2})`,
  H: String.raw`(?<H>\d{1,2})`,
  hh: String.raw`(?<h>\d{2})`,
  h: String.raw`(?<h>\d{1,2})`,
  mm: String.raw`(?<m>\d{2})`,
  ss: String.raw`(?<s>\d{2})`,
  S: String.raw`(?<S>\d{1,9})`,
  a: '(?<a>am|pm)',
  XXX: String.raw`(?<X>z|[+-]\d{2}:?\d{2})`,
  '[': '(?:',
  ']': ')?',
};
const token = /'[^']*'|([A-Za-z])\1*|[[\]]|[^A-Za-z'[\]]+|'/g;

/** @returns the pattern, or what is wrong with it */
export function compileTimePattern(pattern: string): TimePattern | { readonly wrong: string } {
  const parts: readonly string[] = pattern.match(token) ?? [];
  const wrong = contradiction(parts);
  if (wrong !== undefined) return { wrong };
  const unknown = parts.find((part) => /^[A-Za-z]/.test(part) && letters[part] === undefined);
  if (unknown !== undefined)
    return {
      wrong: `${unknown} is no part of a time; known are ${Object.keys(letters).slice(0, -2).join(', ')}`,
    };
  const source = parts
    .map((part) => letters[part] ?? part.replace(/^'(.*)'$/, '$1').replaceAll(/[^\w\s]/g, String.raw`\$&`))
    .join('');
  let shape: RegExp;
  try {
    shape = new RegExp(`^${source}$`, 'i');
  } catch {
    return { wrong: 'a part is there twice, or a bracket is missing' };
  }
  return { hasOffset: parts.includes('XXX'), read: (text) => wallTime(shape.exec(text)?.groups) };
}

/** The pattern, which is known to be right. @throws Error when it is wrong */
export function timePattern(pattern: string): TimePattern {
  const compiled = compileTimePattern(pattern);
  if ('read' in compiled) return compiled;
  throw new Error(`the time pattern ${pattern} is wrong: ${compiled.wrong}`);
}

function contradiction(parts: readonly string[]): string | undefined {
  const has = (...names: readonly string[]): boolean => names.some((name) => parts.includes(name));
  const place = (...names: readonly string[]): number => parts.findIndex((part) => names.includes(part));
  if (!has('yyyy', 'yy') || !has('MM', 'M', 'MMM') || !has('dd', 'd'))
    return 'it needs a year (yyyy), a month (MM) and a day (dd); mm is the minute';
  if (has('mm') && place('mm') < place('HH', 'H', 'hh', 'h')) return 'mm is the minute; the month is MM';
  if (has('mm') && !has('HH', 'H', 'hh', 'h'))
    return 'it has minutes (mm), but no hour (HH); the month is MM';
  if (has('HH', 'H', 'hh', 'h') && !has('mm')) return 'it has an hour, but no minutes (mm); the month is MM';
  if (has('S') && !has('ss')) return 'it has a fraction (S), but no seconds (ss)';
  if (has('hh', 'h') !== has('a')) return 'the hour hh goes with a, for AM and PM; without it, use HH';
  return undefined;
}

type Groups = Readonly<Record<string, string | undefined>>;

function wallTime(groups: Groups | undefined): WallTime | undefined {
  if (groups === undefined) return undefined;
  const number = (name: string): number => Number(groups[name] ?? 0);
  const year = groups['yyyy'] === undefined ? 2000 + number('yy') : number('yyyy');
  const month = groups['MMM'] === undefined ? number('M') : months.indexOf(groups['MMM'].toLowerCase()) + 1;
  const hour = groups['h'] === undefined ? number('H') : hourOfHalfDay(number('h'), groups['a']);
  const ms = Number((groups['S'] ?? '').padEnd(3, '0').slice(0, 3));
  return exactTime(year, month, number('d'), hour, number('m'), number('s'), ms, groups['X']);
}

const hourOfHalfDay = (hour: number, half: string | undefined): number =>
  hour < 1 || hour > 12 ? NaN : (hour % 12) + (half?.toLowerCase() === 'pm' ? 12 : 0);

/** `Date.UTC` makes 2 March of 30 February; here there is no such day. */
function exactTime(
  ...[year, month, day, hour, minute, second, ms, offset]: [...Seven, string | undefined]
): WallTime | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!exists || !(hour < 24) || minute > 59 || second > 59) return undefined;
  date.setUTCHours(hour, minute, second, ms);
  if (offset === undefined) return { wall: date.getTime(), offset: undefined };
  const [sign = '', hours = 0, minutes = 0] = offsetParts(offset);
  if (hours > 15 || minutes > 59) return undefined;
  return { wall: date.getTime(), offset: (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000 };
}

type Seven = [number, number, number, number, number, number, number];

function offsetParts(offset: string): [string?, number?, number?] {
  if (offset.toLowerCase() === 'z') return [];
  const digits = offset.replace(':', '');
  return [digits.slice(0, 1), Number(digits.slice(1, 3)), Number(digits.slice(3, 5))];
}
