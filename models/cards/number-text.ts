/** Writes numbers, shares and ranges for cards. */
import type { Between } from '../judging/bootstrap.ts';

export const range = (between: Between, text: (value: number) => string = number): string =>
  between === null ? '' : ` (${text(between[0])} to ${text(between[1])})`;

export const number = (value: number | null | undefined): string =>
  value === null || value === undefined || Number.isNaN(value) ? '–' : value.toFixed(3);
