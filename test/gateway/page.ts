/** What a person sees of a page: text, pictures, contrast. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

/** Errors and warnings that the page reports from now on. */
export function errorsOf(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  return errors;
}

const inPage = readFileSync(new URL('./in-page.js', import.meta.url), 'utf8')
  .trim()
  .replace(/;$/, '');

const ask = <T>(page: Page, call: string): Promise<T> => page.evaluate<T>(`(${inPage}).${call}`);

/** How many of the canvases below the selector have something drawn on them, and how many there are. */
export const drawn = (page: Page, selector: string): Promise<{ drawn: number; all: number }> =>
  ask(page, `drawn(${JSON.stringify(selector)})`);

/** Visible texts whose contrast with their background is below WCAG's AA (4.5, or 3 for large text). */
export const poorContrast = (page: Page): Promise<{ poor: string[]; looked: number }> =>
  ask(page, 'poorContrast()');

/** Controls that a screen reader could not name. */
export const nameless = (page: Page): Promise<string[]> => ask(page, 'nameless()');

/** Whether the page has to be scrolled sideways. */
export const overflows = (page: Page): Promise<boolean> => ask(page, 'overflows()');

/** Text of what has the keyboard. */
export const focused = (page: Page): Promise<string> => ask(page, 'focused()');
