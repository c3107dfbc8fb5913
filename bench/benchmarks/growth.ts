/** More assets, and more tags per asset: the cost of a scan, and the memory per asset. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { castwatch } from '../contenders/castwatch.ts';
import { barOf, type Plot } from '../reporting/plot.ts';
import { spreadOf } from '../reporting/spread.ts';
import { textTable } from '../reporting/text-table.ts';
import type { ThroughputResult } from '../measuring/backlog-throughput.ts';
import { writeTagPlant } from '../measuring/tag-plant.ts';
import type { Benchmark, BenchmarkOptions, BenchmarkOutcome } from './benchmark.ts';
import { compareThroughput } from './compare.ts';

const contenders = [castwatch('castwatch', 'Castwatch', [['validate', 'features']])];
const assets = [10, 100, 1_000, 10_000];
const tags = [8, 50, 200];
/** Scans until a window is full. Only from then on is the cost of a scan constant. */
const fullWindow = 66;
const leastWarmUp = 60_000;
const tagCells = 100;

export const growth: Benchmark = {
  name: 'growth',
  title: 'assets from 10 to 10,000, tags from 8 to 200: cost per scan and memory per asset',
  run,
};

interface Point {
  readonly assets: number;
  readonly tags: number;
  readonly results: readonly ThroughputResult[];
}

async function run(options: BenchmarkOptions): Promise<BenchmarkOutcome> {
  const { repeats = 3, records = 60_000, say } = options;
  const points: Point[] = [];
  for (const cells of assets) {
    say(`  ${cells} assets`);
    const warmUp = Math.max(leastWarmUp, cells * fullWindow);
    const results = await compareThroughput({ contenders, cells, warmUp, records, repeats }, options);
    points.push({ assets: cells, tags: 31, results });
  }
  const folder = mkdtempSync(join(tmpdir(), 'castwatch-plants-'));
  try {
    for (const count of tags) {
      say(`  ${count} tags`);
      const process = writeTagPlant(folder, count);
      const setting = { cells: tagCells, warmUp: 20_000, records: Math.min(records, 30_000), repeats };
      const results = await compareThroughput({ contenders, process, ...setting }, options);
      points.push({ assets: tagCells, tags: count, results });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    agrees: points.every(({ results }) => results.every(({ agrees }) => agrees)),
    text: asTable(points),
    plots: [plotOf(points)],
    data: { repeats, records, fullWindow, points },
  };
}

function asTable(points: readonly Point[]): string {
  const rows = points.map(({ assets: count, tags: width, results }) => [
    count.toLocaleString('en'),
    String(width),
    spreadOf(
      results.map(({ cpuPerRecord }) => cpuPerRecord),
      1,
    ),
    spreadOf(
      results.map(({ cpuPerRecord }) => cpuPerRecord / width),
      2,
    ),
    spreadOf(results.map(({ recordsPerSecond }) => recordsPerSecond)),
    spreadOf(results.map(({ residentMiB }) => residentMiB)),
  ]);
  return textTable(
    ['assets', 'tags', 'CPU per scan, µs', 'CPU per value, µs', 'scans/s', 'memory, MiB'],
    rows,
  );
}

const plotOf = (points: readonly Point[]): Plot => ({
  name: 'growth',
  title: 'CPU per scan, µs',
  bars: points.map(({ assets: count, tags: width, results }) =>
    barOf(
      `${count.toLocaleString('en')} assets, ${width} tags`,
      results.map(({ cpuPerRecord }) => cpuPerRecord),
    ),
  ),
});
