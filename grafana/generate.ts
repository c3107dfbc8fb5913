/** Writes the boards as Grafana reads them, or checks that what is committed is what would be written. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CastwatchError } from '../telemetry/errors.ts';
import { lineOverview } from './boards/line-overview.ts';
import { toJson, type Board } from './dashboard.ts';

export const boards: Readonly<Record<string, Board>> = { 'line-overview': lineOverview };

const pathOf = (name: string): string => fileURLToPath(new URL(`dashboards/${name}.json`, import.meta.url));

/**
 * @returns the names of the files that were written, or in need of it
 * @throws CastwatchError INPUT with `check`, when a file is not up to date
 */
export async function generateBoards({ check }: { readonly check: boolean }): Promise<string[]> {
  const stale: string[] = [];
  for (const [name, board] of Object.entries(boards)) {
    const text = `${JSON.stringify(toJson(board), null, 2)}\n`;
    const committed = await readFile(pathOf(name), 'utf8').catch(() => undefined);
    if (committed === text) continue;
    stale.push(`grafana/dashboards/${name}.json`);
    if (!check) await writeFile(pathOf(name), text);
  }
  if (check && stale.length > 0)
    throw new CastwatchError('INPUT', `not up to date: ${stale.join(', ')}`, {
      remedy: 'run `npm run generate` and commit the result',
    });
  return stale;
}
