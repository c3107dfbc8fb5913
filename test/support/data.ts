/** Where recorded data is, if it is: `CASTWATCH_DATA`, else beside the project. It is never part of the project. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env['CASTWATCH_DATA'] ?? join(import.meta.dirname, '../../../shared/data');

/** For `before`: skips the suite, with a message, where a data set is absent. @returns its folder */
export function recordedData(context: Mocha.Context, name: string): string {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  process.stdout.write(
    `      skipped: there is no ${path}; CASTWATCH_DATA names the folder of recorded data\n`,
  );
  return context.skip();
}
