/** The schemas of the last release. Today's schemas must be able to read records of these; every build checks it. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CastwatchError } from '../../base/errors.ts';
import { parseSchema, schemaText } from '../avro/avro-types.ts';
import { avroTopicIds, topics } from '../catalogue.ts';
import { incompatibilities } from '../avro/compatibility.ts';

const topicsFolder = join(import.meta.dirname, '../topics');
const releasedFolder = join(import.meta.dirname, '../released');

/** Today's schemas by file name. */
const currentSchemas = (): ReadonlyMap<string, string> =>
  new Map(avroTopicIds.map((id) => [topics[id].schema, schemaText(id)]));

export interface ReleaseCheck {
  /** Schemas that cannot read what their released versions wrote: a sentence for each, with file, field and rule. */
  readonly incompatible: readonly string[];
  /** New schemas without a released version: a sentence for each, with the remedy. */
  readonly unreleased: readonly string[];
}

/** Compares every schema with its released version. */
export async function checkReleased(folder = releasedFolder): Promise<ReleaseCheck> {
  const released = await releasedFiles(folder);
  const without = [...currentSchemas().keys()].filter((file) => !released.includes(file));
  return {
    incompatible: await unreadable(folder, released),
    unreleased: without.map(
      (file) =>
        `schemas/topics/${file} has no released version, so nothing checks its changes: ` +
        `run \`npm run castwatch -- schemas release\` and commit schemas/released/${file}`,
    ),
  };
}

/**
 * Records today's schemas as released. From now on, new schemas must be able to read what these wrote.
 * @returns the files written, relative to the project; empty when all schemas are released already
 * @throws CastwatchError SCHEMA_INCOMPATIBLE when a schema cannot read what its released version wrote; writes nothing then
 */
export async function releaseSchemas(folder = releasedFolder): Promise<readonly string[]> {
  const problems = await unreadable(folder, await releasedFiles(folder));
  if (problems.length > 0) {
    throw new CastwatchError('SCHEMA_INCOMPATIBLE', `nothing was released:\n${problems.join('\n')}`, {
      remedy: 'Give new fields a default and keep the types of old ones, or start a new topic version (.v2).',
    });
  }
  const written: string[] = [];
  for (const file of currentSchemas().keys()) {
    const text = await readFile(join(topicsFolder, file), 'utf8');
    const path = join(folder, file);
    if (await holds(path, text)) continue;
    await writeFile(path, text);
    written.push(`schemas/released/${file}`);
  }
  return written;
}

const releasedFiles = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.avsc')).sort();

async function unreadable(folder: string, files: readonly string[]): Promise<readonly string[]> {
  const current = currentSchemas();
  const problems: string[] = [];
  for (const file of files) {
    const now = current.get(file);
    if (now === undefined) {
      problems.push(
        `schemas/topics/${file} was released and is gone: its topic's records can no longer be read`,
      );
      continue;
    }
    const before = await readFile(join(folder, file), 'utf8');
    for (const problem of incompatibilities(parseSchema(now), parseSchema(before))) {
      problems.push(`schemas/topics/${file} cannot read what schemas/released/${file} wrote: ${problem}`);
    }
  }
  return problems;
}

async function holds(path: string, text: string): Promise<boolean> {
  try {
    return (await readFile(path, 'utf8')) === text;
  } catch {
    return false;
  }
}
