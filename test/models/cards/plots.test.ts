import assert from 'node:assert/strict';
import { escape, page, section, htmlTable } from '../../../models/cards/page.ts';
import { dotPlot, linePlot, unit } from '../../../models/cards/plots.ts';
import { wellFormed } from './well-formed.ts';

const line = linePlot({
  title: 'A "title" & <more>',
  says: 'It rises.',
  x: { ...unit, label: 'x' },
  y: { ...unit, label: 'y' },
  series: [
    {
      name: 'one',
      hue: 0,
      points: [
        [0, 0],
        [0.5, 2],
        [1, 1],
      ],
      dots: true,
    },
  ],
  mark: { at: 0.25, text: 'here' },
  diagonal: true,
});

describe('plots', () => {
  it('make a well-formed page, with everything escaped', () => {
    const dots = dotPlot({
      title: 'd',
      says: 's',
      from: 0,
      to: 1,
      bars: [{ name: '<a>', value: 0.5, text: '.5' }],
      mark: 0.5,
    });
    const html = page({
      title: 'a < b',
      subtitle: '"',
      body: [section('&', line, dots, htmlTable('c', ['h'], [['r', '1 (0 to 2)']]))],
    });
    wellFormed(html);
    assert.equal(escape('<"&>'), '&lt;&quot;&amp;&gt;');
  });

  it('draw values beyond an axis at its end', () => {
    // x from 44 to 348, y from 222 (0) to 10 (1)
    assert.match(line, /<path class="series" d="M44 222L196 10L348 10"/);
    assert.match(line, /<path class="guide" d="M120 10V222"/);
  });

  it('distinguish series without colour', () => {
    const two = linePlot({
      title: 't',
      says: 's',
      x: { ...unit, label: 'x' },
      y: { ...unit, label: 'y' },
      series: [0, 1, 2].map((hue) => ({
        name: `n${hue}`,
        hue,
        points: [
          [0, 0],
          [1, 1],
        ] as const,
      })),
    });
    const dashes = [...two.matchAll(/<path class="series" d="M44[^>]*>/g)].map(
      ([path]) => /stroke-dasharray="([^"]*)"/.exec(path)?.[1],
    );
    assert.equal(new Set(dashes).size, 3);
  });
});
