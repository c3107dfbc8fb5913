/** Reads a process definition, and reports every mistake at once, with its path, line and column. */
import { readFileSync } from 'node:fs';
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
} from 'yaml';
import { messageOf } from '../base/text.ts';
import { CastwatchError } from '../base/errors.ts';
import { textFault } from '../base/outside-text.ts';
import { examine } from './examine.ts';
import { formatPath, type DefinitionProblem } from './definition-problem.ts';
import type { ProcessDefinition } from './schema.ts';

/** A mistake with its place in the file, from 1. */
export interface LocatedProblem {
  readonly line: number;
  readonly column: number;
  /** Absent where the mistake is not about one part of the definition. */
  readonly path?: DefinitionProblem['path'];
  readonly message: string;
}

export type DefinitionReading =
  | { readonly definition: ProcessDefinition; readonly problems?: undefined; readonly remedy?: undefined }
  | {
      readonly definition?: undefined;
      readonly problems: readonly LocatedProblem[];
      readonly remedy?: string;
    };

/** @throws CastwatchError DEFINITION, one line per mistake; INPUT when the file cannot be read */
export const loadDefinition = (path: string): ProcessDefinition => parseDefinition(readText(path), path);

/** @throws CastwatchError INPUT when the file cannot be read */
export const readDefinition = (path: string): DefinitionReading => examineText(readText(path));

/**
 * @param name name of the file, for messages
 * @throws CastwatchError DEFINITION, one line per mistake
 */
export function parseDefinition(text: string, name: string): ProcessDefinition {
  const { definition, problems, remedy } = examineText(text);
  if (definition === undefined) throw brokenDefinition(name, problems, remedy);
  return definition;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const message = messageOf(cause);
    throw new CastwatchError('INPUT', `${path}: the process definition cannot be read: ${message}`, {
      cause,
      remedy: 'Set --process or CASTWATCH_PROCESS to a readable file, such as processes/casting.yaml.',
    });
  }
}

function examineText(text: string): DefinitionReading {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const place = (offset: number): { readonly line: number; readonly column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0)
    return { problems: document.errors.map(({ pos, message }) => ({ ...place(pos[0]), message })) };

  const faults = textFaults(document);
  if (faults.length > 0)
    return {
      problems: faults.map(({ offset, fault }) => ({ ...place(offset), message: `a text ${fault}` })),
    };

  if (!isMap(document.contents)) {
    const what = document.contents === null ? 'the file is empty' : 'the file is not a YAML map';
    const message = `${what}; a process definition is a YAML map with the field \`process\``;
    return {
      problems: [{ line: 1, column: 1, message }],
      remedy:
        'Set --process to a definition, such as processes/casting.yaml. Files with data belong to --file.',
    };
  }

  const examined = examine(document.toJS());
  if (examined.problems === undefined) return examined;
  const located = examined.problems.map(({ path, message }) => ({
    path,
    message,
    offset: offsetOf(document, path),
  }));
  located.sort((a, b) => a.offset - b.offset);
  return { problems: located.map(({ offset, ...problem }) => ({ ...place(offset), ...problem })) };
}

/** The texts that could not be stored or sent, as with an escape such as "\\0". */
function textFaults(document: Document.Parsed): readonly { offset: number; fault: string }[] {
  const faults: { offset: number; fault: string }[] = [];
  visit(document, {
    Scalar(_key, { value, range }) {
      const fault = typeof value === 'string' ? textFault(value, Infinity) : undefined;
      if (fault !== undefined) faults.push({ offset: range?.[0] ?? 0, fault });
    },
  });
  return faults;
}

/** @param name name of the file */
export function brokenDefinition(
  name: string,
  problems: readonly LocatedProblem[],
  remedy = 'Correct the process definition at these places. processes/README.md explains each part.',
): CastwatchError {
  const lines = problems.map(({ line, column, path, message }) => {
    const where = path === undefined ? '' : `${formatPath(path) || 'the document'}: `;
    return `${name}:${line}:${column} ${where}${message}`;
  });
  return new CastwatchError('DEFINITION', lines.join('\n'), { remedy });
}

/** Offset at which the node at the path begins; if the node is missing, the offset of its nearest parent. */
function offsetOf(document: Document.Parsed, path: DefinitionProblem['path']): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const part of path) {
    const next = child(document, node, part);
    if (next === undefined) break;
    [node, offset] = [next.node, next.offset ?? offset];
  }
  return offset;
}

interface Child {
  readonly node: unknown;
  readonly offset: number | undefined;
}

const rangeStart = (node: unknown): number | undefined =>
  isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;

function child(document: Document.Parsed, parent: unknown, part: string | number): Child | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent;
  if (isSeq(node)) {
    const item = typeof part === 'number' ? node.items[part] : undefined;
    return item === undefined ? undefined : { node: item, offset: rangeStart(item) };
  }
  if (!isMap(node)) return undefined;
  const pairs = node.items.filter(isPair);
  const own = pairs.find(({ key }) => isScalar(key) && key.value === part);
  if (own) return { node: own.value, offset: rangeStart(own.value) ?? rangeStart(own.key) };
  for (const { key, value } of pairs) {
    if (!isScalar(key) || (key.value !== '<<' && typeof key.value !== 'symbol')) continue;
    const merged = child(document, value, part);
    if (merged) return merged;
  }
  return undefined;
}
