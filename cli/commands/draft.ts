/** `draft`: proposes a process definition from a CSV file. */
import { closeSync, existsSync, openSync, readSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { CastwatchError } from '../../base/errors.ts';
import { messageOf } from '../../base/text.ts';
import { parseDefinition } from '../../processes/load.ts';
import { draftDefinition } from '../../sources/csv/draft.ts';

interface Flags {
  readonly out?: string;
}

/** Enough rows to see the form of a file and its usual values. */
const mostBytes = 16 * 1024 ** 2;
const project = join(import.meta.dirname, '../..');

export function addDraft(program: Command): void {
  program
    .command('draft')
    .summary('propose a process definition from a CSV file')
    .description(
      'Looks at the beginning of a CSV file in UTF-8 and proposes a process definition: the form of the file, and a tag for each column of numbers. ' +
        'What a person has to check is marked in the text.',
    )
    .argument('<file>', 'a CSV file whose first line names the columns')
    .option('--out <file>', 'write the definition to this file, which must not exist; default: print it')
    .action(run);
}

function run(file: string, { out }: Flags): void {
  if (out !== undefined && existsSync(out))
    throw new CastwatchError('CONFIGURATION', `${out} exists already.`, { remedy: 'Give another --out.' });
  const name = (out ?? file).replace(/\.[^.]*$/, '');
  const schema = out === undefined ? undefined : schemaFrom(dirname(resolve(out)));
  const text = draftDefinition(beginningOf(file), {
    file: basename(file),
    process: processName(basename(name)),
    ...(schema !== undefined && { schema }),
  });
  // What is proposed has to be valid, whatever the file looks like.
  parseDefinition(text, out ?? 'draft');
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  writeFileSync(out, text);
  console.log(`wrote ${out}\nCheck the lines marked with "check". Then: castwatch check ${out}`);
}

const processName = (name: string): string => {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return /^[a-z]/.test(plain) ? plain : `plant-${plain}`.replace(/-$/, '');
};

/** Only a definition inside the project can name the schema by a path that is valid elsewhere. */
function schemaFrom(folder: string): string | undefined {
  const path = relative(folder, join(project, 'docs/generated/process-definition.schema.json'));
  return relative(project, folder).startsWith('..') ? undefined : path.replaceAll('\\', '/');
}

/** Complete lines only. */
function beginningOf(file: string): string {
  const buffer = Buffer.alloc(mostBytes);
  let length: number;
  try {
    const handle = openSync(file, 'r');
    length = readSync(handle, buffer);
    closeSync(handle);
  } catch (cause) {
    throw new CastwatchError('INPUT', `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const end = length < mostBytes ? length : buffer.lastIndexOf('\n', length) + 1;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, end));
  } catch (cause) {
    throw new CastwatchError('INPUT', `${file} is not in UTF-8`, {
      cause,
      remedy:
        'Convert a copy to UTF-8 and draft from it; then name the encoding of your files in csv.encoding.',
    });
  }
}
