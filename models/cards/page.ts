/** Builds a self-contained HTML page: no script, no external resources, light or dark by the reader's setting. */

export interface Page {
  readonly title: string;
  /** A line below the title. */
  readonly subtitle: string;
  /** HTML. */
  readonly body: readonly string[];
}

export function page({ title, subtitle, body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<h1>${escape(title)}</h1>
<p class="subtitle">${escape(subtitle)}</p>
</header>
${body.join('\n')}
</main>
</body>
</html>
`;
}

export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export const section = (heading: string, ...body: readonly string[]): string =>
  `<section>\n<h2>${escape(heading)}</h2>\n${body.join('\n')}\n</section>`;

export const paragraph = (text: string): string => `<p>${escape(text)}</p>`;

/** A highlighted note that the reader must see. */
export const warning = (text: string): string => `<p class="warning" role="note">${escape(text)}</p>`;

/** @param head the first column names the rows; the others hold numbers. Cells are text. */
export function htmlTable(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const heads = head.map((cell) => `<th scope="col">${escape(cell)}</th>`).join('');
  const body = rows.map(([name = '', ...cells]) => {
    const values = cells.map(
      (cell) => `<td>${escape(cell).replace(' (', ' <small>(').replace(/\)$/, ')</small>')}</td>`,
    );
    return `<tr><th scope="row">${escape(name)}</th>${values.join('')}</tr>`;
  });
  return `<div class="wide" tabindex="0" role="region" aria-label="${escape(caption)}"><table><caption>${escape(caption)}</caption><thead><tr>${heads}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

export interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

export const tiles = (all: readonly Tile[]): string =>
  `<dl class="tiles">${all
    .map(
      ({ label, value, note }) =>
        `<div><dt>${escape(label)}</dt><dd><strong>${escape(value)}</strong> <span>${escape(note)}</span></dd></div>`,
    )
    .join('')}</dl>`;

export const details = (summary: string, body: string): string =>
  `<details><summary>${escape(summary)}</summary>${body}</details>`;

export const grid = (figures: readonly string[]): string => `<div class="grid">${figures.join('\n')}</div>`;

const style = `
:root { --ink: #1d2329; --quiet: #57606a; --line: #d5dae0; --paper: #fff; --panel: #f5f7f9; --alarm: #fff1d6; --alarm-ink: #6b4200;
  --s0: #0067a8; --s1: #c34a00; --s2: #00795a; --s3: #8c4b86; --s4: #6e6e6e; --s5: #8a7000; --s6: #1d2329; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ec; --quiet: #9aa5b1; --line: #3a424b; --paper: #14181c; --panel: #1d2329; --alarm: #3d2c00; --alarm-ink: #ffdf9e;
    --s0: #5ab4f0; --s1: #ff9a52; --s2: #3fcf9f; --s3: #dd9cd7; --s4: #a0a0a0; --s5: #d8be4a; --s6: #e4e8ec; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 .25rem; }
p { max-width: 46rem; margin: .5rem 0; }
.subtitle, figcaption, caption, .tiles dt, .tiles span, small { color: var(--quiet); }
.warning { background: var(--alarm); color: var(--alarm-ink); border-left: 4px solid currentColor; padding: .6rem .9rem; max-width: none; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin: 1.25rem 0; }
.tiles div { background: var(--panel); border-radius: 6px; padding: .7rem .9rem; }
.tiles dd { margin: 0; } .tiles strong { font-size: 1.6rem; line-height: 1.2; display: block; font-weight: 600; }
.tiles span, .tiles dt, small, figcaption { font-size: .83rem; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
td small { display: block; white-space: nowrap; }
th:first-child { text-align: left; font-weight: 500; white-space: nowrap; }
thead th { font-weight: 500; color: var(--quiet); vertical-align: bottom; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; margin: 1rem 0; }
figure { margin: 0; background: var(--panel); border-radius: 6px; padding: .8rem; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--quiet); font-size: 12px; }
svg .axis, svg .tick { stroke: var(--line); fill: none; }
svg .series { fill: none; stroke-width: 2; }
svg .guide { stroke: var(--quiet); stroke-dasharray: 2 4; fill: none; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .15rem .9rem; margin: .4rem 0 0; padding: 0; font-size: .83rem; }
.legend svg { display: inline-block; width: 26px; height: 10px; margin-right: .35rem; vertical-align: middle; }
:focus-visible { outline: 2px solid var(--s0); outline-offset: 2px; }
@media print { figure, .tiles div { break-inside: avoid; } }
`;
