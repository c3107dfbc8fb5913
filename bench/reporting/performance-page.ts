/** Writes the report from the stored results: one page with plots. Nothing is copied by hand. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { aimsTable } from './aims.ts';
import type { Benchmark } from '../benchmarks/benchmark.ts';
import { svgOf } from './plot.ts';

const number = z
  .number()
  .nullable()
  .transform((value) => value ?? NaN); // JSON has no NaN
const saved = z.object({
  title: z.string(),
  date: z.string(),
  commit: z.string(),
  machine: z.object({
    system: z.string(),
    processor: z.string(),
    cores: z.number(),
    memoryGiB: z.number(),
    node: z.string(),
  }),
  seconds: z.number(),
  agrees: z.boolean().optional(),
  text: z.string(),
  data: z.unknown(),
  plots: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      bars: z.array(z.object({ label: z.string(), value: number, low: number, high: number })),
    }),
  ),
});

/** @param folder where the results are; the page and the plots go next to it. @returns the page */
export function writePerformancePage(folder: string, benchmarks: readonly Benchmark[]): string {
  const beside = join(folder, '..');
  const plots = join(beside, 'plots');
  mkdirSync(plots, { recursive: true });
  for (const file of readdirSync(plots)) rmSync(join(plots, file));
  const parts = benchmarks.flatMap(({ name }) => {
    const file = join(folder, `${name}.json`);
    if (!existsSync(file)) return [];
    const result = saved.parse(JSON.parse(readFileSync(file, 'utf8')));
    const { machine } = result;
    const images = result.plots.map((plot) => {
      const image = join(plots, `${plot.name}.svg`);
      writeFileSync(image, svgOf(plot));
      return `![${plot.title}](${relative(beside, image)})`;
    });
    return [
      [
        `## ${name}: ${result.title}`,
        result.text,
        ...aimed(name, result.data),
        ...images,
        `${verdict(result.agrees)} ${result.date.slice(0, 16).replace('T', ' ')} UTC, commit ${result.commit}, ${result.seconds} s; ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}.`,
      ].join('\n\n'),
    ];
  });
  const head =
    '<!-- Written by `npm run bench -- --report` from the files in results/: do not edit. -->\n\n# Measured\n\nEach figure is the median of the repeats; brackets show the least and the greatest. The words and the method are explained in [performance.md](../performance.md).';
  const page = join(beside, 'report.md');
  writeFileSync(page, `${[head, ...parts].join('\n\n')}\n`);
  return page;
}

function aimed(name: string, data: unknown): readonly string[] {
  const found = aimsTable(name, data);
  return found === '' ? [] : [found];
}

function verdict(agrees: boolean | undefined): string {
  if (agrees === undefined) return 'No outputs are compared here.';
  return agrees ? 'All outputs were correct.' : '**Some outputs were wrong.**';
}
