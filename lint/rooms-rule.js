/** The ESLint rule that holds imports to `layers.js`. */
import { dirname, relative, resolve, sep } from 'node:path';
import { layers } from './layers.js';

const root = resolve(import.meta.dirname, '..');
const rooms = layers.map(({ from }) => from).sort((a, b) => b.length - a.length);
const allowed = new Map(layers.map(({ from, to }) => [from, to]));
/** Top folders that are divided into rooms: each of their files has to lie in one. */
const divided = new Set(rooms.filter((room) => room.includes('/')).map((room) => room.split('/')[0]));

layers.forEach(({ from, to }, index) => {
  const above = new Set(layers.slice(0, index).map((each) => each.from));
  const wrong = to.filter((room) => !room.endsWith('/**') && !above.has(room));
  if (wrong.length > 0) throw new Error(`lint/layers.js: ${wrong.join(', ')} does not stand above ${from}`);
});

const projectPath = (path) => relative(root, path).split(sep).join('/');
const roomOf = (path) => rooms.find((room) => path.startsWith(`${room}/`));
const isAllowed = (from, to) =>
  from === to ||
  allowed.get(from).some((each) => each === to || (each.endsWith('/**') && to.startsWith(each.slice(0, -2))));

export const roomsRule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const path = projectPath(context.filename);
    const from = roomOf(path);
    const check = ({ source }) => {
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const to = roomOf(projectPath(resolve(dirname(context.filename), source.value)));
      if (from === undefined || to === undefined || isAllowed(from, to)) return;
      context.report({
        node: source,
        message: `${from}/ may not import from ${to}/. Move what both need to a room that both may use; lint/layers.js lists them.`,
      });
    };
    return {
      Program(node) {
        if (from === undefined && divided.has(path.split('/')[0]))
          context.report({ node, message: 'This file lies in no room: see lint/layers.js.' });
      },
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
