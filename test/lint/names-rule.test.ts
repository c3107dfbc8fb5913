/** Runs the lint rule on single files, among the modules of the product. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { namesRule } from '../../lint/names-rule.js';

const project = join(import.meta.dirname, '../..');

function messagesFor(file: string, code: string): { readonly line: number; readonly message: string }[] {
  const config: Linter.Config = {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser },
    plugins: { castwatch: { rules: { names: namesRule } } },
    rules: { 'castwatch/names': 'error' },
  };
  return new Linter({ cwd: project }).verify(code, [config], join(project, file));
}

describe('the lint rule about exported names', () => {
  it('reports a new export whose name another module has, at its line, with the remedy', () => {
    const [problem, ...others] = messagesFor(
      'base/new.ts',
      'const a = 1;\n\nexport const createTail = a;\nexport const createNew = a;\n',
    );
    assert.deepEqual(others, []);
    assert.equal(problem?.line, 3);
    assert.match(
      problem.message,
      /^base\/new\.ts and sources\/tail\/tail\.ts export createTail\. Rename all but one/,
    );
  });

  it('accepts the module that has the name, and a name that may repeat', () => {
    assert.deepEqual(messagesFor('sources/tail/tail.ts', 'export const createTail = 1;\n'), []);
    assert.deepEqual(messagesFor('base/new.ts', 'export class Signal {}\n'), []);
  });
});
