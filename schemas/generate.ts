/** Writes what is made from the schemas and catalogues, or checks that it is up to date. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type avsc from 'avsc';
import { asyncApi } from './asyncapi.ts';
import { schemaText } from './avro.ts';
import { avroTopicIds } from './catalogue.ts';
import { generateTypes } from './generate-types.ts';
import { checkReleased } from './released.ts';
import { metricsTable, topicsTable } from './tables.ts';

export interface GenerateReport {
  /** Files written, relative to the project. */
  readonly written: readonly string[];
  /** What is wrong, one sentence each: empty when all is well. */
  readonly problems: readonly string[];
}

const project = join(import.meta.dirname, '..');

/**
 * Makes schemas/generated/types.ts and docs/generated/{asyncapi.yaml,topics.md,metrics.md}. With `check`,
 * writes nothing and reports stale files instead. Both report schemas that cannot read what the
 * released ones wrote, and schemas that were never released.
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

const schemaJson = (text: string): avsc.Schema => JSON.parse(text) as avsc.Schema;

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
