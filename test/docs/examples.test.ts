/** Every `ts` example of the documents compiles with the project's own settings. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { documents, project } from './commands.ts';

interface Example {
  /** Of the page, below the project's folder. */
  readonly page: string;
  /** Of the first line of code in the page, from 1. */
  readonly line: number;
  readonly code: string;
}

const examples = documents().flatMap(examplesIn);

describe('examples in the documents', function () {
  this.timeout(60_000);

  it('are found', () => {
    assert.ok(examples.some(({ page }) => page === 'stream/README.md'));
  });

  it('compile', () => {
    const problems = compile(examples);
    assert.equal(problems.join('\n'), '');
  });

  it('are reported with page and line when they do not', () => {
    const [problem] = compile([
      { page: 'stream/README.md', line: 40, code: "\nconst n: number = 'one';\nexport { n };" },
    ]);
    assert.match(problem ?? '', /^stream\/README\.md:41: Type 'string' is not assignable to type 'number'/);
  });
});

function examplesIn(page: string): readonly Example[] {
  const text = readFileSync(join(project, page), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ index, 1: code = '' }) => ({
    page,
    line: text.slice(0, index).split('\n').length + 1,
    code,
  }));
}

/**
 * All examples in one program. Each is a file of its own beside its page, in memory only, so that it imports as the page
 * reads.
 * @returns `page:line: message`
 */
function compile(all: readonly Example[]): readonly string[] {
  const files = new Map(
    all.map((example, nth) => [join(project, dirname(example.page), `example-${nth}.ts`), example]),
  );
  const settings = ts.readConfigFile(join(project, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(
    { ...settings.config, include: [], files: [] },
    ts.sys,
    project,
  );
  const host = ts.createCompilerHost(options);
  const onDisk = { ...host };
  host.readFile = (path) => files.get(path)?.code ?? onDisk.readFile(path);
  host.fileExists = (path) => files.has(path) || onDisk.fileExists(path);
  // Examples declare what they do not use, to show it.
  const program = ts.createProgram([...files.keys()], { ...options, noUnusedLocals: false }, host);
  return [...files.keys()].flatMap((path) => {
    const source = program.getSourceFile(path);
    assert.ok(source !== undefined, path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ start = 0, messageText }) => {
      const { page, line } = files.get(path) ?? { page: path, line: 1 };
      const at = line + source.getLineAndCharacterOfPosition(start).line;
      return `${page}:${at}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
}
