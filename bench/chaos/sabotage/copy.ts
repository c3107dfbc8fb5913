/** Makes a copy of the current tree, with the same packages and parts, to break and throw away. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');

export interface Copy {
  readonly folder: string;
  remove(): Promise<void>;
}

export async function copyTree(): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), 'castwatch-sabotage-'));
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const { stdout } = await run('git', list, { cwd: root, maxBuffer: 16 * 1024 ** 2 });
  for (const file of stdout.split('\0')) {
    if (file === '' || file === 'node_modules') continue; // git does not ignore a link in place of the folder
    const to = join(folder, file);
    await mkdir(dirname(to), { recursive: true });
    await cp(join(root, file), to, { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await mkdir(join(folder, '.castwatch'), { recursive: true });
  await symlink(join(root, '.castwatch/parts'), join(folder, '.castwatch/parts'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
