/** Plants for the tests of sources: the real caster, and one small enough to compute by hand. */
import { join } from 'node:path';
import { loadDefinition, parseDefinition } from '../../processes/load.ts';
import { withCells } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { ReadingRecord, Replayable, SourceRecord } from '../../sources/source.ts';

export const start = Date.UTC(2026, 2, 1, 6);
export const minutes = 60_000;
export const hours = 60 * minutes;

export const casting = (...cells: string[]): ProcessDefinition =>
  withCells(
    loadDefinition(join(import.meta.dirname, '../../processes/casting.yaml')),
    cells.length === 0 ? ['S1', 'S2'] : cells,
  );

/** Two tags, scanned once a second, with labels for spans of 5 s. */
const small = `
process: small
title: A small plant
hierarchy: { enterprise: E, site: S, area: A, line: L }
cells: [C1, C2]
time: { period: 1s, grace: 5s, ahead: 10s }
tags:
  - { id: X, title: x, unit: mm, range: [-100, 100], normal: [-1, 1], sentinels: [-99, 99], stuckAfter: 20s }
  - { id: Y, title: y, unit: mm, range: [-100, 100], normal: [-1, 1] }
features:
  hop: 5s
  windows: { only: 10s }
  rules: [{ tags: '*', windows: [only], statistics: [mean] }]
piece: { levels: [batch] }
target: { id: bad, title: bad, about: piece, cost: { miss: 10, falseAlarm: 1 } }
csv: { delimiter: ';', time: { column: at, format: datetime }, cell: '{file}', label: bad, ignore: [spare] }
`;

/** @param simulation the section as YAML, indented by two spaces */
export function smallPlant(simulation = ''): ProcessDefinition {
  return parseDefinition(simulation === '' ? small : `${small}\nsimulation:\n${simulation}\n`, 'small.yaml');
}

export async function collect(source: Replayable): Promise<SourceRecord[]> {
  const all: SourceRecord[] = [];
  for await (const batch of source) all.push(...batch);
  return all;
}

export const isReading = (record: SourceRecord): record is ReadingRecord =>
  record.topic === 'sensorReadings' && record.value !== null;

export const readingsOf = (records: readonly SourceRecord[]): ReadingRecord[] => records.filter(isReading);
