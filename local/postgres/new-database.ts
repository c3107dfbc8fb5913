/** Creates a further database on a server, for tests and benchmarks that need an empty one. */
import { Client } from 'pg';

/**
 * Creates an empty database.
 * @param serverUrl URL of a database on that server; its user must have the right to create databases
 * @param name letters, digits and underscores only: it goes into the statement unquoted
 * @returns the URL of the new database
 */
export async function newDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  const own = new URL(serverUrl);
  own.pathname = `/${name}`;
  return own.href;
}
