/** Finds the files to replay, and the cell of each. */
import { glob, stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { CastwatchError } from '../../base/errors.ts';
import { fillIn } from '../../base/text.ts';

export interface CsvFile {
  readonly path: string;
  /** The cell's name. It still contains column names in braces when the file contains several cells. */
  readonly cell: string;
  readonly bytes: number;
}

const naturally = new Intl.Collator('en', { numeric: true });

/**
 * Finds the files, in natural order of their paths.
 * @param template the cell's name, in which `{folder}` and `{file}` stand for the path's last two parts
 * @throws CastwatchError INPUT when a pattern finds no file, or two files have the same cell
 */
export async function findFiles(patterns: readonly string[], template: string): Promise<readonly CsvFile[]> {
  const paths = new Set<string>();
  for (const pattern of patterns) {
    const before = paths.size;
    for await (const path of glob(pattern)) if ((await stat(path)).isFile()) paths.add(path);
    if (paths.size === before)
      throw new CastwatchError('INPUT', `no file matches ${pattern}`, {
        remedy: 'Check the path, and quote the pattern so that the shell leaves it alone.',
      });
  }
  const byCell = new Map<string, CsvFile>();
  for (const path of [...paths].sort((a, b) => naturally.compare(a, b))) {
    const cell = cellName(path, template);
    const other = byCell.get(cell);
    if (other !== undefined)
      throw new CastwatchError('INPUT', `${path} and ${other.path} are both the cell "${cell}"`, {
        remedy:
          'Each file must be a different cell: use {folder} and {file} in csv.cell of the process definition, or merge the files.',
      });
    byCell.set(cell, { path, cell, bytes: (await stat(path)).size });
  }
  return [...byCell.values()];
}

function cellName(path: string, template: string): string {
  const file = basename(path, extname(path));
  const folder = basename(dirname(path));
  return fillIn(template, { folder, file });
}
