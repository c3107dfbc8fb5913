/** Writes the boards as JSON for Grafana, or checks that the committed files are up to date. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { lineOverview } from './boards/line-overview.ts';
import { modelWatch } from './boards/model-watch.ts';
import { toJson, type Dashboard } from './dashboard.ts';

export const boards: Readonly<Record<string, Dashboard>> = {
  'line-overview': lineOverview,
  'model-watch': modelWatch,
};

const pathOf = (name: string): string => fileURLToPath(new URL(`dashboards/${name}.json`, import.meta.url));

export interface BoardsReport {
  readonly written: readonly string[];
  /** With `check`: one sentence per file that is not up to date. */
  readonly problems: readonly string[];
}

/** Writes the files that are not up to date. With `check`, writes nothing and reports them instead. */
export async function generateBoards({
  check = false,
}: { readonly check?: boolean } = {}): Promise<BoardsReport> {
  const stale: string[] = [];
  for (const [name, board] of Object.entries(boards)) {
    const text = `${JSON.stringify(toJson(board), null, 2)}\n`;
    const committed = await readFile(pathOf(name), 'utf8').catch(() => undefined);
    if (committed === text) continue;
    stale.push(`grafana/dashboards/${name}.json`);
    if (!check) await writeFile(pathOf(name), text);
  }
  if (!check) return { written: stale, problems: [] };
  return { written: [], problems: stale.map((file) => `${file} is not up to date: run npm run generate`) };
}
