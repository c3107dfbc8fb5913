/** The ESLint rule that reports a repeated exported name in the editor. `exported-names.js` checks all files for it. */
import { relative, resolve, sep } from 'node:path';
import { repeatedExports } from './allowed-names.js';
import { declaredNames, productModules, repetition } from './exported-names.js';

const root = resolve(import.meta.dirname, '..');
/** An editor keeps this rule in memory while files change, so the list of names is read again after this time, in ms. */
const freshFor = 5_000;

let index = { readAt: -Infinity, pathsByName: new Map() };

/** @returns the paths of the modules that export each name */
function exportedNames() {
  if (Date.now() - index.readAt < freshFor) return index.pathsByName;
  const pathsByName = new Map();
  for (const [path, text] of productModules(root))
    for (const name of declaredNames(text)) pathsByName.set(name, [...(pathsByName.get(name) ?? []), path]);
  index = { readAt: Date.now(), pathsByName };
  return pathsByName;
}

export const namesRule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const path = relative(root, context.filename).split(sep).join('/');
    return {
      Program() {
        const { text } = context.sourceCode;
        for (const name of declaredNames(text)) {
          const others = (exportedNames().get(name) ?? []).filter((each) => each !== path);
          if (others.length === 0 || repeatedExports[name] !== undefined) continue;
          const { index: at = 0 } = new RegExp(`^export .*\\b${name}\\b`, 'm').exec(text) ?? {};
          const loc = context.sourceCode.getLocFromIndex(at);
          context.report({ loc, message: repetition(name, [path, ...others]) });
        }
      },
    };
  },
};
