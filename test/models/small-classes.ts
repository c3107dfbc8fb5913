/** Makes files of parts of three classes, sorted by class. Two of three measurements distinguish them, with overlap. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom } from '../../base/random.ts';
import type { Effort } from '../../models/learners/member-kind.ts';
import { parseDefinition } from '../../processes/load.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';

export const classesText = `
process: parts
title: Parts
hierarchy: { enterprise: E, site: S, area: A, line: L }
cells: any
time: { period: 1s, grace: 0s, ahead: 10s }
tags:
  - { id: X, title: x, unit: mm, range: [-100, 100], normal: [-3, 3] }
  - { id: Y, title: y, unit: mm, range: [-100, 100], normal: [-3, 3] }
  - { id: Z, title: z, unit: mm, range: [-100, 100], normal: [-3, 3] }
features: { hop: 1s, windows: { w: 1s }, rules: [{ tags: '*', windows: [w], statistics: [last] }] }
target:
  id: kind
  title: kind of fault
  about: row
  classes: [none, crack, hole]
  warnOf: [crack]
  cost: { miss: 5, falseAlarm: 1 }
csv: { cell: '{file}', label: kind }
`;

export const classesPlant: ProcessDefinition = parseDefinition(classesText, 'parts.yaml');

export const classesEffort: Effort = { folds: 2, rounds: 16, epochs: 1, hidden: 4, rowsPerEpoch: 100 };

const kinds = [
  { kind: 'none', share: 0.5, x: 0, y: 0 },
  { kind: 'crack', share: 0.3, x: 2.5, y: 0.5 },
  { kind: 'hole', share: 0.2, x: 0.5, y: 2.5 },
];

/** @returns the path of `<name>.csv` */
export function writeParts(folder: string, name: string, rows: number, seed: number): string {
  const random = new SeededRandom(seed, name);
  const lines = kinds.flatMap(({ kind, share, x, y }) =>
    Array.from({ length: Math.round(share * rows) }, () =>
      [x + random.normal(), y + random.normal(), random.normal(), kind].join(','),
    ),
  );
  const path = join(folder, `${name}.csv`);
  writeFileSync(path, ['X,Y,Z,kind', ...lines, ''].join('\n'));
  return path;
}
