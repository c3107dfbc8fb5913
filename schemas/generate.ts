/** Writes what is made from the schemas and catalogues, or checks that it is up to date. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type avsc from 'avsc';
import { asyncApi } from './asyncapi.ts';
import { parseSchema, schemaText } from './avro.ts';
import { avroTopicIds, topics } from './catalogue.ts';
import { incompatibilities } from './compatibility.ts';
import { generateTypes } from './generate-types.ts';
import { metricsTable, topicsTable } from './tables.ts';

export interface GenerateReport {
  /** Files written, relative to the project. */
  readonly written: readonly string[];
  /** What is wrong, one sentence each: empty when all is well. */
  readonly problems: readonly string[];
}

const project = join(import.meta.dirname, '..');
const released = join(import.meta.dirname, 'released');

/**
 * Makes schemas/generated/types.ts and docs/generated/{asyncapi.yaml,topics.md,metrics.md}. With `check`,
 * writes nothing and reports stale files instead. Both report schemas that cannot read what the released ones wrote.
 */
export async function generate({
  check = false,
}: { readonly check?: boolean } = {}): Promise<GenerateReport> {
  const files = new Map([
    [
      'schemas/generated/types.ts',
      generateTypes(new Map(avroTopicIds.map((id) => [id, schemaJson(schemaText(id))]))),
    ],
    ['docs/generated/asyncapi.yaml', asyncApi()],
    ['docs/generated/topics.md', topicsTable()],
    ['docs/generated/metrics.md', metricsTable()],
  ]);
  const written: string[] = [];
  const problems: string[] = [];
  for (const [path, text] of files) {
    if ((await readIfThere(join(project, path))) === text) continue;
    if (check) {
      problems.push(`${path} is not up to date: run \`npm run generate\` and commit it`);
      continue;
    }
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
    written.push(path);
  }
  problems.push(...(await checkReleased()));
  return { written, problems };
}

/** Every schema against the one in released/: sentences that name file, field and rule. */
export async function checkReleased(folder = released): Promise<readonly string[]> {
  const problems: string[] = [];
  const current = new Map<string, string>(avroTopicIds.map((id) => [topics[id].schema, schemaText(id)]));
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.avsc')).sort()) {
    const now = current.get(file);
    if (now === undefined) {
      problems.push(`schemas/${file} was released and is gone: its topic's records can no longer be read`);
      continue;
    }
    const before = await readFile(join(folder, file), 'utf8');
    for (const problem of incompatibilities(parseSchema(now), parseSchema(before))) {
      problems.push(`schemas/${file} cannot read what schemas/released/${file} wrote: ${problem}`);
    }
  }
  return problems;
}

/** Part of making a release: from now on, schemas have to read what these wrote. */
export async function releaseSchemas(folder = released): Promise<void> {
  const problems = await checkReleased(folder);
  if (problems.length > 0) throw new Error(`not released: ${problems.join('; ')}`);
  for (const id of avroTopicIds) {
    const file = topics[id].schema;
    await writeFile(join(folder, file), await readFile(join(import.meta.dirname, file)));
  }
}

const schemaJson = (text: string): avsc.Schema => JSON.parse(text) as avsc.Schema;

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
