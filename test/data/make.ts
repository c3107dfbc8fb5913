#!/usr/bin/env node
/**
 * Makes the small data files of this folder: `node test/data/make.ts`. They have the columns of SKAB and of the UCI
 * steel plates, so every command of the documents works with them; the values are drawn here, and judge no model.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { loadDefinition } from '../../processes/load.ts';
import { NamedRandom } from '../../base/random.ts';

/** By path in this folder. */
export function dataFiles(): ReadonlyMap<string, string> {
  const runs = Array.from({ length: 8 }, (_, run): [string, string] => [
    `pump-rig/${run < 4 ? 'valve1' : 'valve2'}/${run % 4}.csv`,
    pumpRun(run),
  ]);
  return new Map([
    ...runs,
    ['steel-plates/learnt.NNA', plates('learnt', 210)],
    ['steel-plates/unseen.NNA', plates('unseen', 105)],
  ]);
}

const pumpColumns = {
  Accelerometer1RMS: [0.03, 0.002],
  Accelerometer2RMS: [0.04, 0.003],
  Current: [1.3, 0.2],
  Pressure: [0.05, 0.2],
  Temperature: [79, 0.05],
  Thermocouple: [26, 0.02],
  Voltage: [231, 7],
  'Volume Flow RateRMS': [32, 0.4],
} as const;

/** Seven minutes, a row a second; from the fifth on a valve closes: less flow, more vibration. */
function pumpRun(run: number): string {
  const random = new NamedRandom(`pump-rig/${run}`);
  const [rows, faultAt, faultUntil] = [420, 240 + 10 * run, 390];
  const start = Date.parse('2026-02-02T08:00:00Z') + run * 3_600_000;
  const lines = [['datetime', ...Object.keys(pumpColumns), 'anomaly', 'changepoint'].join(';')];
  for (let second = 0; second < rows; second++) {
    const isFault = second >= faultAt && second < faultUntil;
    const values = Object.entries(pumpColumns).map(([column, [mean, deviation]]) => {
      const shift = isFault ? (column.startsWith('Volume') ? -3 : column.startsWith('Acc') ? 0.006 : 0) : 0;
      return (mean + shift + deviation * random.normal()).toFixed(4);
    });
    const time = new Date(start + second * 1_000).toISOString().slice(0, 19).replace('T', ' ');
    const isChange = second === faultAt || second === faultUntil;
    lines.push([time, ...values, isFault ? '1.0' : '0.0', isChange ? '1.0' : '0.0'].join(';'));
  }
  return `${lines.join('\n')}\n`;
}

/** Plates of the seven classes in turn; each class has its own place in the normal band of every measurement. */
function plates(part: string, rows: number): string {
  const { tags } = loadDefinition('processes/steel-plates.yaml');
  const random = new NamedRandom(`steel-plates/${part}`);
  const classes = 7;
  const lines = Array.from({ length: rows }, (_, row) => {
    const its = row % classes;
    const values = tags.map(({ normal: [low, high] }, index) => {
      const place = (((its + 1) * (index + 3)) % classes) / classes;
      return within(low, high, place + 0.2 * random.normal());
    });
    const label = Array.from({ length: classes }, (_each, nth) => (nth === its ? 1 : 0));
    return [...values, ...label].join('\t');
  });
  return `${lines.join('\n')}\n`;
}

const within = (low: number, high: number, place: number): string =>
  (low + (high - low) * Math.min(1, Math.max(0, place))).toFixed(4);

if (import.meta.main) {
  for (const [path, text] of dataFiles()) {
    const file = join(import.meta.dirname, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
