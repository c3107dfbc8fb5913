/** Repeats in one cell of a table: the median, and in brackets the least and the greatest. */
export function spreadOf(values: readonly number[], digits = 0): string {
  if (values.length === 0) return '–';
  const sorted = values.toSorted((a, b) => a - b);
  const text = (value: number): string => value.toLocaleString('en', decimals(digits));
  const all = text(medianOf(sorted));
  return sorted.length === 1 ? all : `${all} (${text(sorted[0] ?? NaN)}–${text(sorted.at(-1) ?? NaN)})`;
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >>> 1;
  const upper = sorted[half] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
}

const decimals = (digits: number): Intl.NumberFormatOptions => ({
  minimumFractionDigits: digits,
  maximumFractionDigits: digits,
});
