/** Another database on a server, for whoever wants one to himself. */
import { Client } from 'pg';

/**
 * Makes an empty one.
 * @param serverUrl of a database on that server, with the right to make others
 * @param name letters, digits and underscores: it goes into the statement as it is
 * @returns its URL
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
