/** Checks of a page: every tag closed in order, nothing fetched, no script, every picture described. */
import assert from 'node:assert/strict';

export function wellFormed(html: string): void {
  assert.ok(html.startsWith('<!doctype html>\n<html lang="en">'));
  const open: string[] = [];
  for (const [, slash, name = '', rest = ''] of html.slice(15).matchAll(/<(\/?)([a-z][a-z0-9]*)([^<>]*)>/g)) {
    if (slash === '/') assert.equal(open.pop(), name);
    else if (!rest.endsWith('/')) open.push(name);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(html.replace(/<[^<>]*>/g, ''), /[<>]/, 'text is escaped');
  assert.doesNotMatch(html, /<script|<link|<img|url\(|https?:|\bNaN\b|undefined|\[object/);
  for (const [svg] of html.matchAll(/<svg[^>]*>/g))
    assert.match(svg, /aria-label="[^"]+"|aria-hidden="true"/);
}
