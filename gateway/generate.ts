/** Writes docs/generated/openapi.yaml, or checks that it is up to date. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { openApiDocument } from './rest/openapi.ts';
import { routeSpecs } from './rest/routes.ts';

const project = join(import.meta.dirname, '..');
const path = 'docs/generated/openapi.yaml';

/** Writes the file. With `check`, writes nothing and reports a file that is out of date. */
export async function generateOpenApi({ check = false }: { readonly check?: boolean } = {}): Promise<{
  readonly written: readonly string[];
  readonly problems: readonly string[];
}> {
  const text = stringify(openApiDocument(routeSpecs), { lineWidth: 110, aliasDuplicateObjects: false });
  const before = await readFile(join(project, path), 'utf8').catch(() => undefined);
  if (before === text) return { written: [], problems: [] };
  if (check)
    return { written: [], problems: [`${path} is out of date: run \`npm run generate\` and commit it`] };
  await mkdir(dirname(join(project, path)), { recursive: true });
  await writeFile(join(project, path), text);
  return { written: [path], problems: [] };
}
