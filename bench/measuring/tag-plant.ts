/** Writes the definition of an invented plant with any number of tags. Every tag has all checks, features and a place in the sequence. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns the file */
export function writeTagPlant(folder: string, count: number): string {
  const ids = Array.from({ length: count }, (_, index) => `Tag${index + 1}`);
  const definition = {
    process: 'tags',
    title: `A plant of ${count} tags`,
    hierarchy: { enterprise: 'Castwatch', site: 'Bench', area: 'Area', line: 'Line1' },
    cells: ['S1', 'S2'],
    time: { period: '1s', grace: '5s', ahead: '10s' },
    tags: ids.map((id, index) => ({
      ...{ id, title: `tag ${index + 1}`, unit: '°C', range: [0, 250], normal: [80, 180] },
      ...{ rate: 15, sentinels: [65535], stuckAfter: '30s', hold: '3s' },
      ...(index % 3 === 0 ? { anomaly: { window: 60, threshold: 15, atLeast: 40 } } : {}),
    })),
    features: {
      hop: '5s',
      windows: { short: '15s', long: '60s' },
      rules: [
        { tags: '*', windows: ['short'], statistics: ['mean', 'slope'] },
        { tags: '*', windows: ['long'], statistics: ['range'] },
      ],
      sequence: { tags: ids.slice(0, Math.min(count, 19)), steps: 60, every: '1s' },
    },
    target: { id: 'defect', title: 'defect', about: 'time', cost: { miss: 10, falseAlarm: 1 } },
    simulation: {
      labels: {
        delay: ['20m', '40m'],
        background: { perHour: 2, defect: 'unexplained' },
        mechanisms: {},
      },
      signals: Object.fromEntries(
        ids.map((id, index) => [
          id,
          {
            ...{ is: 'setpoint', at: 100 + (index % 50), noise: { sigma: 1.5, tau: '10s' } },
            ...{ error: 0.3, resolution: 0.1, limits: [20, 240] },
          },
        ]),
      ),
    },
  };
  const file = join(folder, `tags-${count}.yaml`);
  writeFileSync(file, JSON.stringify(definition)); // JSON is YAML
  return file;
}
