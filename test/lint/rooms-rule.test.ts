/** Runs the lint rule on single files, with the project's own lists in `lint/layers.js`. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { roomsRule } from '../../lint/rooms-rule.js';

const project = join(import.meta.dirname, '../..');
const linter = new Linter({ cwd: project });

/** The messages of the rule for a file of the project with this code. */
function messagesFor(file: string, code: string): string[] {
  const config: Linter.Config = {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser },
    plugins: { castwatch: { rules: { rooms: roomsRule } } },
    rules: { 'castwatch/rooms': 'error' },
  };
  return linter.verify(code, [config], join(project, file)).map(({ message }) => message);
}

const refusal = (from: string, to: string): RegExp => new RegExp(`^${from}/ may not import from ${to}/\\.`);

describe('the lint rule about rooms', () => {
  const allowed: readonly (readonly [what: string, file: string, code: string])[] = [
    ['a room that its list has', 'models/blend/a.ts', "import { at } from '../numbers/matrix.ts';"],
    ['a file of the same room', 'models/blend/a.ts', "import { blend } from './ensemble.ts';"],
    ['a nested room that its list has', 'models/bundle/a.ts', "import '../learners/trees/forest.ts';"],
    ['a folder that its list has', 'models/data/a.ts', "import { parse } from '../../base/errors.ts';"],
    ['a room of a folder that its list has', 'roles/a.ts', "import '../models/registry/entries.ts';"],
    ['a package', 'models/numbers/a.ts', "import { z } from 'zod';"],
    ['everything, as a test', 'test/base/a.test.ts', "import '../../cli/options.ts';"],
  ];
  for (const [what, file, code] of allowed)
    it(`lets a file import ${what}`, () => {
      assert.deepEqual(messagesFor(file, code), []);
    });

  const forbidden: readonly (readonly [
    what: string,
    file: string,
    code: string,
    from: string,
    to: string,
  ])[] = [
    [
      'a later room',
      'models/numbers/a.ts',
      "import { blend } from '../blend/ensemble.ts';",
      'models/numbers',
      'models/blend',
    ],
    [
      'a room that its list does not have',
      'models/cards/a.ts',
      "import { at } from '../serving/answer.ts';",
      'models/cards',
      'models/serving',
    ],
    [
      'a room inside a room that its list has',
      'models/judging/a.ts',
      "import '../learners/xgboost/booster.ts';",
      'models/judging',
      'models/learners/xgboost',
    ],
    ['a later folder', 'base/a.ts', "import { at } from '../models/numbers/matrix.ts';", 'base', 'models'],
    [
      'only a type',
      'models/numbers/a.ts',
      "import type { Bundle } from '../bundle/bundle.ts';",
      'models/numbers',
      'models/bundle',
    ],
    ['by import()', 'models/onnx/a.ts', "await import('../data/plan.ts');", 'models/onnx', 'models/data'],
    [
      'by exporting names',
      'models/onnx/a.ts',
      "export { plan } from '../data/plan.ts';",
      'models/onnx',
      'models/data',
    ],
    [
      'by exporting everything',
      'models/onnx/a.ts',
      "export * from '../data/plan.ts';",
      'models/onnx',
      'models/data',
    ],
  ];
  for (const [what, file, code, from, to] of forbidden)
    it(`refuses to import ${what}`, () => {
      const messages = messagesFor(file, code);
      assert.equal(messages.length, 1, messages.join('\n'));
      assert.match(messages[0] ?? '', refusal(from, to));
    });

  it('reports each forbidden import of a file', () => {
    const code = "import '../blend/ensemble.ts';\nimport '../data/plan.ts';\nimport './matrix.ts';";
    assert.equal(messagesFor('models/numbers/a.ts', code).length, 2);
  });

  it('refuses a file of a divided folder that is in no room', () => {
    for (const file of ['models/a.ts', 'models/extra/a.ts'])
      assert.match(messagesFor(file, 'export const a = 1;').join(), /none of the subfolders/);
  });

  it('accepts a file of a folder that is not divided', () => {
    assert.deepEqual(messagesFor('sinks/a.ts', 'export const a = 1;'), []);
  });
});
