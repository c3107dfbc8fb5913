/**
 * Checks that a name means one thing: no two modules of the product export the same name, and no two have the same base
 * name. Also checks that the product uses each name that it exports. `allowed-names.js` lists the exceptions, and an exception that is no longer needed is an error too. `npm run lint`
 * runs this file. `names-rule.js` shows the same problems of exports in the editor.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { repeatedExports, repeatedFiles } from './allowed-names.js';

const declaration =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type) (\w+)/gm;

/** @returns the names that a module exports by declaring them */
export const declaredNames = (text) => new Set([...text.matchAll(declaration)].map(([, name]) => name));

/** @returns the problem that these modules export the same name, as a sentence */
export const repetition = (name, paths) =>
  `${paths.join(' and ')} export ${name}. Rename all but one, or give the reason in lint/allowed-names.js.`;

/**
 * @param modules the text of each module by its path
 * @param allowed the reason for each name that may repeat
 * @returns one sentence for each problem
 */
export function exportProblems(modules, allowed) {
  const declaredIn = grouped(
    [...modules].flatMap(([path, text]) => [...declaredNames(text)].map((name) => [name, path])),
  );
  const repeated = [...declaredIn].filter(([, paths]) => paths.length > 1);
  const unneeded = Object.keys(allowed).filter((name) => !repeated.some(([each]) => each === name));
  return [
    ...repeated
      .filter(([name]) => allowed[name] === undefined)
      .map(([name, paths]) => repetition(name, paths)),
    ...unneeded.map((name) => `lint/allowed-names.js allows ${name} to repeat, but it does not repeat.`),
  ];
}

/**
 * Generated types are left out: the schemas decide on them.
 * @param modules the text of each module by its path
 * @returns one sentence for each exported name that the modules never use
 */
export function unusedProblems(modules) {
  const uses = new Map();
  for (const text of modules.values())
    for (const [word] of text.matchAll(/\w+/g)) uses.set(word, (uses.get(word) ?? 0) + 1);
  return [...modules].flatMap(([path, text]) =>
    [...declaredNames(text)]
      .filter((name) => uses.get(name) === 1 && !path.startsWith('schemas/generated/'))
      .map(
        (name) =>
          `${path} exports ${name}, which the product does not use. Remove it, or move it to the tests.`,
      ),
  );
}

/**
 * Files that the same entry allows are compared with each other only in `stream/`.
 * @param paths the modules
 * @param allowed which files may have the base name of another
 * @returns one sentence for each problem
 */
export function fileProblems(paths, allowed) {
  const isAllowed = (path) => allowed.some(({ files }) => files.test(path));
  const compared = [
    paths.filter((path) => !isAllowed(path)),
    paths.filter((path) => path.startsWith('stream/')),
  ];
  const repeated = compared.flatMap((group) =>
    [...grouped(group.map((path) => [basename(path), path]))].filter(([, same]) => same.length > 1),
  );
  const unneeded = allowed.filter(({ files }) => !paths.some((path) => files.test(path)));
  return [
    ...repeated.map(
      ([name, same]) =>
        `${same.join(' and ')} are both called ${name}. Rename all but one, or give the reason in lint/allowed-names.js.`,
    ),
    ...unneeded.map(({ files }) => `lint/allowed-names.js allows ${files} to repeat, but no file matches.`),
  ];
}

/** @returns the text of each module of the product by its path */
export function productModules(root) {
  const paths = globSync('*/**/*.ts', {
    cwd: root,
    exclude: ['node_modules/**', '.castwatch/**', 'test/**', '**/vendor/**', '**/target/**', '**/*.d.ts'],
  }).map((path) => path.split(sep).join('/'));
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

function grouped(pairs) {
  const groups = new Map();
  for (const [key, value] of pairs) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}

if (import.meta.main) {
  const modules = productModules(join(import.meta.dirname, '..'));
  const problems = [
    ...exportProblems(modules, repeatedExports),
    ...unusedProblems(modules),
    ...fileProblems([...modules.keys()], repeatedFiles),
  ];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
