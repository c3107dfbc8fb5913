/** Creates a database for one run on the rig's server. */
import { newDatabase } from '../../local/postgres/new-database.ts';
import type { LocalStack } from '../../local/stack.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { migrate } from '../../sinks/timescale/migrate.ts';

/** Creates a database with empty tables. @returns its URL */
export async function newTables(
  { databaseUrl }: LocalStack,
  prefix: string,
  definition: ProcessDefinition,
): Promise<string> {
  const own = await newDatabase(databaseUrl, prefix.replaceAll('-', '_'));
  await migrate({ databaseUrl: own, definitions: [definition] });
  return own;
}
