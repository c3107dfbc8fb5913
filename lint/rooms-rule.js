/** The ESLint rule that enforces the import lists of `layers.js`. */
import { dirname, relative, resolve, sep } from 'node:path';
import { folders, rooms } from './layers.js';

const root = resolve(import.meta.dirname, '..');

/** Fails at once when an entry names a folder that is not listed before it. */
function allowList(entries) {
  entries.forEach(({ from, to }, index) => {
    const above = new Set(entries.slice(0, index).map((each) => each.from));
    const wrong = to.filter((each) => !above.has(each));
    if (wrong.length > 0)
      throw new Error(
        `lint/layers.js: ${from} may import only what is listed before it, not ${wrong.join(', ')}`,
      );
  });
  return new Map(entries.map(({ from, to }) => [from, new Set(to)]));
}

const mayImport = { folders: allowList(folders), rooms: allowList(rooms) };
const longestFirst = [...mayImport.rooms.keys()].sort((a, b) => b.length - a.length);
const divided = new Set(longestFirst.map((room) => topOf(room)));

function topOf(path) {
  return path.split('/')[0];
}
const projectPath = (path) => relative(root, path).split(sep).join('/');
const roomOf = (path) => longestFirst.find((room) => path.startsWith(`${room}/`));

/** Returns the pair that the lists do not allow; undefined when the import is allowed. */
function forbidden(path, target) {
  const [from, to] = [topOf(path), topOf(target)];
  if (from !== to) {
    const allowed = mayImport.folders.get(from);
    return allowed === undefined || !mayImport.folders.has(to) || allowed.has(to) ? undefined : { from, to };
  }
  const pair = { from: roomOf(path), to: roomOf(target) };
  if (pair.from === undefined || pair.to === undefined || pair.from === pair.to) return undefined;
  return mayImport.rooms.get(pair.from).has(pair.to) ? undefined : pair;
}

export const roomsRule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const path = projectPath(context.filename);
    const check = ({ source }) => {
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const pair = forbidden(path, projectPath(resolve(dirname(context.filename), source.value)));
      if (pair === undefined) return;
      context.report({
        node: source,
        message: `${pair.from}/ may not import from ${pair.to}/. Move the shared code to a folder that both may import from: see lint/layers.js.`,
      });
    };
    return {
      Program(node) {
        if (divided.has(topOf(path)) && roomOf(path) === undefined)
          context.report({
            node,
            message:
              'This file is in none of the subfolders that lint/layers.js lists. Move it, or list its subfolder.',
          });
      },
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
