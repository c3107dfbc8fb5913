/** Runs the check of names on small lists of modules, and on the project as `npm run lint` does. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { exportProblems, fileProblems, productModules, unusedProblems } from '../../lint/exported-names.js';

const project = join(import.meta.dirname, '../..');

describe('the check that a name means one thing', () => {
  it('refuses a name that two modules export, whatever its kind', () => {
    const problems = exportProblems(
      new Map([
        ['a/one.ts', 'export interface Span {}\nexport async function* read() {}\n'],
        ['b/two.ts', 'export type Span = string;\nexport const read = 1;\n'],
      ]),
      {},
    );
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? '', /^a\/one\.ts and b\/two\.ts export Span\. Rename all but one/);
    assert.match(problems[1] ?? '', /export read\./);
  });

  it('lets a module overload a function, export what another declares, and keep a name to itself', () => {
    const modules = new Map([
      ['a/one.ts', 'export function open(a: string): void;\nexport function open(a: number): void;\n'],
      ['b/two.ts', "export { open } from '../a/one.ts';\nconst span = 1;\n"],
      ['c/three.ts', 'export const span = 2;\n'],
    ]);
    assert.deepEqual(exportProblems(modules, {}), []);
  });

  it('lets an allowed name repeat, and refuses an exception that is not needed', () => {
    const once = new Map([['a/one.ts', 'export class Signal {}\n']]);
    const twice = new Map([...once, ['b/two.ts', 'export interface Signal {}\n']]);
    assert.deepEqual(exportProblems(twice, { Signal: 'a reason' }), []);
    assert.match(exportProblems(once, { Signal: 'a reason' }).join(), /allows Signal to repeat, but/);
  });

  it('refuses two files with one base name, except where a pattern allows it', () => {
    const paths = ['a/report.ts', 'b/report.ts'];
    assert.match(
      fileProblems(paths, []).join(),
      /^a\/report\.ts and b\/report\.ts are both called report\.ts\./,
    );
    assert.deepEqual(fileProblems(paths, [{ files: /^b\//, why: 'a reason' }]), []);
    assert.match(fileProblems([], [{ files: /^b\//, why: 'a reason' }]).join(), /but no file matches/);
  });

  it('compares the files of stream/ with each other', () => {
    const allowed = [{ files: /^stream\//, why: 'a library of its own' }];
    assert.deepEqual(fileProblems(['stream/retry.ts', 'base/retry.ts'], allowed), []);
    assert.match(fileProblems(['stream/retry.ts', 'stream/kafka/retry.ts'], allowed).join(), /both called/);
  });

  it('refuses an export that no module uses, and accepts one that its own module uses', () => {
    const modules = new Map([
      ['a/one.ts', 'export const left = 1;\nexport const size = 2;\nexport const area = size * size;\n'],
      ['b/two.ts', "import { area } from '../a/one.ts';\n"],
      ['schemas/generated/types.ts', 'export interface Unread {}\n'],
    ]);
    assert.deepEqual(unusedProblems(modules), [
      'a/one.ts exports left, which the product does not use. Remove it, or move it to the tests.',
    ]);
  });

  it('finds nothing wrong with the product', () => {
    const modules = productModules(project);
    assert.ok(modules.has('stream/step.ts') && ![...modules.keys()].some((path) => path.startsWith('test/')));
    const { status, stderr } = spawnSync(process.execPath, ['lint/exported-names.js'], {
      cwd: project,
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });
});
