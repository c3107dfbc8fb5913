/** Writes generated files, or checks that the committed ones are up to date. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface GenerateReport {
  /** Files written, relative to the project. */
  readonly written: readonly string[];
  /** Problems, one sentence each; empty when there are none. */
  readonly problems: readonly string[];
  /** What remains to be done by hand before a commit, one sentence each. */
  readonly reminders?: readonly string[];
}

const project = join(import.meta.dirname, '../..');

/**
 * @param files texts by path, relative to the project
 * @param check writes nothing, and reports stale files instead
 */
export async function updateFiles(
  files: ReadonlyMap<string, string>,
  check: boolean,
): Promise<GenerateReport> {
  const written: string[] = [];
  const problems: string[] = [];
  for (const [path, text] of files) {
    const file = join(project, path);
    if ((await readFile(file, 'utf8').catch(() => undefined)) === text) continue;
    if (check) {
      problems.push(`${path} is not up to date: run \`npm run generate\` and commit it`);
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    written.push(path);
  }
  return { written, problems };
}
