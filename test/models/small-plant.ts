/** A plant of two signals and a mechanism that can be learnt: a burst of spread in one of them. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import { parseDefinition } from '../../processes/load.ts';
import { assetPath } from '../../processes/plant.ts';
import type { OfflineRecord } from '../../processors/offline.ts';
import type { Dataset } from '../../models/data/labelled-dataset.ts';
import { collectDataset } from '../../models/data/collect-dataset.ts';
import { SeededRandom } from '../../base/random.ts';
import type { Effort } from '../../models/learners/member-kind.ts';

export const smallText = `
process: small
title: Small plant
hierarchy: { enterprise: E, site: S, area: A, line: L }
cells: any
time: { period: 1s, grace: 2s, ahead: 10s }
tags:
  - { id: Level, title: level, unit: mm, range: [-100, 100], normal: [-5, 5] }
  - { id: Flow, title: flow, unit: L/min, range: [0, 200], normal: [80, 120] }
features:
  hop: 5s
  windows: { short: 10s, long: 30s }
  rules:
    - { tags: '*', windows: [short, long], statistics: [mean, spread, slope] }
  sequence: { tags: '*', steps: 12, every: 1s }
target: { id: defect, title: a defect, about: time, cost: { miss: 10, falseAlarm: 1 } }
`;

export const smallPlant: ProcessDefinition = parseDefinition(smallText, 'small.yaml');

export const smallEffort: Effort = { folds: 3, rounds: 32, epochs: 4, hidden: 8, rowsPerEpoch: 1500 };

const start = Date.UTC(2026, 0, 1);

/** One batch of readings and labels per cell: `minutes` of plant time. */
export function* history(cells: number, minutes: number, seed: number): Generator<OfflineRecord[]> {
  for (let cell = 0; cell < cells; cell += 1) {
    const asset = assetPath(smallPlant, `c${cell}`);
    const random = new SeededRandom(seed, asset);
    const batch: OfflineRecord[] = [];
    let burst = 0;
    for (let second = 0; second < minutes * 60; second += 1) {
      const time = start + second * 1000;
      if (burst === 0 && random.uniform() < 1 / 150) burst = 25;
      else if (burst > 0) burst -= 1;
      const level = (burst > 0 ? 4 : 1) * random.normal();
      const measurements = [
        { tag: 'Level', value: level, quality: 'GOOD' as const },
        { tag: 'Flow', value: 100 + 5 * random.normal(), quality: 'GOOD' as const },
      ];
      const value = { asset, eventTime: time, sequence: second + 1, source: 'test', measurements };
      batch.push({ topic: 'sensorReadings', value, timestamp: time });
      if (second % 5 !== 4) continue;
      const found = random.uniform() < (burst > 0 && burst < 20 ? 0.8 : 0.02) ? 1 : 0;
      const span = { eventTime: time - 4000, until: time + 1000, foundAt: time + 60_000 };
      const judged = {
        asset,
        ...span,
        target: 'defect',
        value: found,
        defect: null,
        piece: {},
        source: 'test',
      };
      batch.push({ topic: 'qualityLabels', value: judged, timestamp: time + 60_000 });
    }
    yield batch;
  }
}

export const smallDataset = (cells = 9, minutes = 25, seed = 1): Promise<Dataset> =>
  collectDataset({ definition: smallPlant, records: history(cells, minutes, seed) });
