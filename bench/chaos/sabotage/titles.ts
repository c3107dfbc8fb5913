/** Checks that the test that must notice a sabotage still exists. A renamed test would otherwise look like a blind one. */
import { execFile } from 'node:child_process';
import { join, matchesGlob, relative } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Sabotage } from './sabotages.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
const mocha = join(root, 'node_modules/.bin/mocha');

const dryRun = z.object({ tests: z.array(z.object({ fullTitle: z.string(), file: z.string() })) });

/** @returns one sentence for each sabotage whose pattern matches no title of the tests that must notice it */
export async function withoutTest(sabotages: readonly Sabotage[]): Promise<readonly string[]> {
  const tested = sabotages.flatMap(({ name, notices, check }) =>
    check.kind === 'test' ? [{ name, notices, files: check.files }] : [],
  );
  if (tested.length === 0) return [];
  const tests = await testsIn([...new Set(tested.flatMap(({ files }) => files))]);
  return tested.flatMap(({ name, notices, files }) => {
    const isMatched = tests.some(
      ({ fullTitle, file }) => files.some((glob) => matchesGlob(file, glob)) && notices.test(fullTitle),
    );
    return isMatched ? [] : [`${name}: no test in ${files.join(', ')} has a title like ${String(notices)}`];
  });
}

/** Lists the tests in the files without running them. */
async function testsIn(files: readonly string[]): Promise<z.infer<typeof dryRun>['tests']> {
  const args = [mocha, '--dry-run', '--reporter', 'json', ...files];
  const { stdout } = await run(process.execPath, args, { cwd: root, maxBuffer: 64 * 1024 ** 2 });
  const { tests } = dryRun.parse(JSON.parse(stdout));
  return tests.map(({ fullTitle, file }) => ({ fullTitle, file: relative(root, file) }));
}
