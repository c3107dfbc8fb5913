/** The ESLint rule that holds imports to `layers.js`. */
import { dirname, relative, resolve, sep } from 'node:path';
import { folders, rooms } from './layers.js';

const root = resolve(import.meta.dirname, '..');

/** Fails at once when an entry names one that does not stand above it. */
function allowList(entries) {
  entries.forEach(({ from, to }, index) => {
    const above = new Set(entries.slice(0, index).map((each) => each.from));
    const wrong = to.filter((each) => !above.has(each));
    if (wrong.length > 0) throw new Error(`lint/layers.js: ${wrong.join(', ')} does not stand above ${from}`);
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

/** The pair that the allow-lists do not have; undefined when the import may stay. */
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
        message: `${pair.from}/ may not import from ${pair.to}/. Move what both need to a folder that both may use; lint/layers.js lists them.`,
      });
    };
    return {
      Program(node) {
        if (divided.has(topOf(path)) && roomOf(path) === undefined)
          context.report({ node, message: 'This file lies in no room: see lint/layers.js.' });
      },
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
