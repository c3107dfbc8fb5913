/** A database of its own for a run, on the rig's server. */
import { Client } from 'pg';
import type { LocalStack } from '../local/stack.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import { migrate } from '../sinks/timescale/migrate.ts';

/** Empty tables. @returns its URL */
export async function newDatabase(
  { databaseUrl }: LocalStack,
  prefix: string,
  definition: ProcessDefinition,
): Promise<string> {
  const name = prefix.replaceAll('-', '_');
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  const own = new URL(databaseUrl);
  own.pathname = `/${name}`;
  await migrate({ databaseUrl: own.href, definitions: [definition] });
  return own.href;
}
