import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCsvSource } from '../../sources/csv/csv.ts';
import { faultKinds, withFaults } from '../../sources/faults/faults.ts';
import { createSimulator } from '../../sources/simulator/simulator.ts';
import { replayableContract } from './contract.ts';
import { casting, minutes, smallPlant, start } from './plants.ts';

const definition = casting();
const simulate = () => createSimulator({ definition, seed: 'contract', start, duration: 10 * minutes });

replayableContract('simulator', simulate);
replayableContract('faults', () =>
  withFaults({ source: simulate(), definition, seed: 'contract', kinds: faultKinds }),
);
describe('csv', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castwatch-contract-'));
    const time = (second: number) =>
      `2026-03-01 06:0${Math.floor(second / 60)}:${String(second % 60).padStart(2, '0')}`;
    for (const cell of ['C1', 'C2']) {
      const rows = Array.from({ length: 100 }, (_, second) => `${time(second)};${second};1;0`);
      await writeFile(join(folder, `${cell}.csv`), ['at;X;Y;bad', ...rows].join('\n'));
    }
  });
  after(() => rm(folder, { recursive: true }));
  replayableContract('csv', () =>
    createCsvSource({ definition: smallPlant(), files: [join(folder, '*.csv')] }),
  );
});
