/** Every command of the documents works for a reader who has only the repository. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CommanderError, type Command } from 'commander';
import { makeProgram } from '../../cli/program.ts';
import { dataFiles } from '../data/make.ts';
import { commandsIn, documents, project, type DocumentedCommand } from './commands.ts';

const run = promisify(execFile);
const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** PostgreSQL's own programs. */
const database = ['pg_dump', 'createdb', 'psql', 'pg_restore'];

/** Other programs that a reader runs, and which need more than the repository. */
const others = ['npx', 'node', 'bash', 'curl', 'cp', 'mkdir', 'printf', 'docker', 'kubectl', ...database];

/** Flags whose value a command writes to, or that is no file. */
const notRead = ['--out', '--report', '--cpu-prof', '--results', '--asset', '--why', '--bundle'];

/** What is really run, each with its arguments as documented. */
const quick = [
  'npm start -- --help',
  'npm run bench -- --help',
  'npm run generate:check',
  'npm run evaluate -- --process processes/pump-rig.yaml --data test/data/pump-rig/*/*.csv',
];

/** What is not run, and why. */
const notRun: readonly (readonly [RegExp, string])[] = [
  [/^npm (start|test)|^npm run (typecheck|lint|format:check)/, 'starts a stack, or is part of the CI'],
  [/^npm run (train|evaluate) /, 'takes minutes; test/system and test/models train and judge'],
  [/^npm run (chaos|sabotage|bench)/, 'takes minutes to hours; test/system/chaos.test.ts runs a short one'],
  [/^npm run castwatch -- (models|retrain|retrainer) /, 'needs a running stack; test/system runs them'],
  [/^npx (node|mocha) test\//, 'records or compares for minutes; part of the tests'],
  [/^node bench\//, 'measures for minutes'],
  [/^bash findings\//, 'fetches the libraries that it shows'],
  [
    /^(pg_dump|createdb|psql|pg_restore) /,
    'needs a server and its programs; test/integration/backup.test.ts runs them',
  ],
  [/^npm run castwatch -- migrate/, 'needs a database; the tests of the sink migrate'],
  [/^curl /, 'needs a running stack; test/gateway posts readings'],
  [/^(docker|kubectl|mkdir|printf|cp) /, 'changes files, or needs a cluster'],
];

const all = documents().flatMap(commandsIn);

describe('the documents', function () {
  this.timeout(120_000);

  it('have commands, and each is known to be run or why it is not', () => {
    assert.ok(all.length > 40, `${all.length} commands`);
    for (const { place, text } of all)
      assert.ok(quick.includes(text) || notRun.some(([pattern]) => pattern.test(text)), `${place}: ${text}`);
    for (const text of quick)
      assert.ok(
        all.some((command) => command.text === text),
        `no document has ${text}`,
      );
  });

  for (const command of all) {
    it(`${command.place}: ${command.text.replaceAll('\n', ' ').slice(0, 90)}`, async () => {
      const { words } = command;
      if (words[0] === 'npm') await checkScript(command);
      else assert.ok(others.includes(words[0] ?? ''), `${words[0]} is no command that is known here`);
      checkFiles(command);
    });
  }

  for (const text of quick) {
    it(`runs ${text}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'castwatch-docs-'));
      try {
        const { words = [] } = all.find((command) => command.text === text) ?? {};
        const { file, args } = expanded(words);
        const out = args[0] === 'evaluate' ? ['--out', folder] : [];
        await run(process.execPath, [file, ...args, ...out], { cwd: project });
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it('link to files that are there', () => {
    for (const document of documents()) {
      const text = readFileSync(join(project, document), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g))
        assert.ok(existsSync(join(project, dirname(document), target)), `${document}: ${target}`);
    }
  });
});

describe('test/data', () => {
  it('is what its script makes', () => {
    for (const [path, text] of dataFiles())
      assert.equal(readFileSync(join(import.meta.dirname, '../data', path), 'utf8'), text, path);
  });
});

/** The program of an npm script, and the arguments that it gets. */
function expanded(words: readonly string[]): { readonly file: string; readonly args: readonly string[] } {
  const [, verb = '', ...rest] = words;
  const name = verb === 'run' ? (rest.shift() ?? '') : verb;
  const script = scripts[name];
  assert.ok(script !== undefined, `package.json has no script ${name}`);
  const own = script.split(' ').filter((word) => !word.startsWith('--disable-warning'));
  const given = rest[0] === '--' ? rest.slice(1) : [];
  assert.ok(rest.length === 0 || rest[0] === '--', 'arguments of a script come after --');
  return { file: own[1] ?? '', args: [...own.slice(2), ...given] };
}

async function checkScript({ words }: DocumentedCommand): Promise<void> {
  const { file, args } = expanded(words);
  if (file === 'cli/castwatch.mjs') await parse(args);
  else if (file.startsWith('bench/')) {
    const stdout = await helpOf(file);
    for (const flag of args.filter((word) => word.startsWith('--')))
      assert.ok(stdout.includes(`${flag} `), `${file} has no ${flag}`);
  } else assert.deepEqual(words.slice(3), [], `${words.join(' ')} takes no arguments`);
}

const helps = new Map<string, Promise<string>>();

function helpOf(file: string): Promise<string> {
  const known = helps.get(file);
  if (known !== undefined) return known;
  const help = run(process.execPath, [file, '--help'], { cwd: project }).then(({ stdout }) => stdout);
  helps.set(file, help);
  return help;
}

/** Parses as the command line does, and does nothing. */
async function parse(args: readonly string[]): Promise<void> {
  const program = makeProgram();
  const disarm = (command: Command): void => {
    command.action(() => undefined).configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    command.commands.forEach(disarm);
  };
  program.commands.forEach(disarm);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    assert.ok(error instanceof CommanderError && error.exitCode === 0, String(error));
  }
}

/** Files that a command reads are in the repository, made by an earlier command of the document, or recorded data. */
function checkFiles({ place, words }: DocumentedCommand): void {
  if (!['npm', 'npx', 'bash'].includes(words[0] ?? '')) return;
  const made = all
    .filter((each) => each.words[0] === 'cp' && each.place.split(':')[0] === place.split(':')[0])
    .map((each) => each.words.at(-1));
  for (const [index, word] of words.entries()) {
    if (
      !/\/|\.(csv|ya?ml|NNA|sh)$/.test(word) ||
      word.startsWith('/tmp/') ||
      notRead.includes(words[index - 1] ?? '')
    )
      continue;
    if (word.startsWith('$CASTWATCH_DATA/') || made.includes(word)) continue;
    assert.ok(globSync(word, { cwd: project }).length > 0, `${place}: there is no ${word}`);
  }
}
