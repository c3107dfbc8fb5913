/**
 * Errors, shares, durations and counts as text. The gateway also serves this file to browsers, so it imports no module
 * of Node.
 */
export { messageOf } from '../stream/errors.ts';

/** 0.0734 → `7.3 %`. */
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

/** 0.0734 → `7.3 %`, 0.42 → `42 %`, 0.9961 → `99.6 %`: a decimal only near 0 and 1, where it matters. */
export const percentNearEnds = (share: number): string =>
  percent(share, share < 0.0995 || (share > 0.99 && share < 0.9995) ? 1 : 0);

/** 0.9 → `90 %`, 0.953 → `95.3 %`: a decimal only if it is not 0. */
export const shortPercent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;

/** Formats a configured duration exactly: `500 ms`, `60 s`, `1.5 s`, `10 min`, `2 h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 120_000) return `${ms / 1_000} s`;
  if (ms < 7_200_000) return `${ms / 60_000} min`;
  return `${ms / 3_600_000} h`;
}

/** Formats a measured duration in whole seconds or minutes, or tenths of hours: `119 s`, `12 min`, `2.5 h`. */
export function roundDuration(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** Formats the time since or until an event: `4 s`, `12 min`, `3 h 20 min`, `2 d`. */
export function timeSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} d`;
}

/** `1 alert`, `2 alerts`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `3 late, 1 repeated`; undefined when there are none. */
export function countsText(counts: Readonly<Record<string, number>>): string | undefined {
  const names = Object.entries(counts);
  return names.length === 0 ? undefined : names.map(([name, count]) => `${count} ${name}`).join(', ');
}

/**
 * Fills in the names in braces: `{folder}-{file}`. A value goes in as it is, whatever characters it contains; as the
 * replacement of `String.replace` it could not contain `$&`. Names without a value stay as they are.
 */
export const fillIn = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{([^{}]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
