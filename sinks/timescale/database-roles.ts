/** Creates group roles with only the rights that a sink or a reader needs. They cannot log in; grant them to users. */
import type { ClientBase } from 'pg';
import type { StreamLog } from '../../stream/index.ts';
import { qualified, schema } from './sql.ts';
import { tables } from './tables/tables.ts';

export const writerRole = 'castwatch_writer';
export const readerRole = 'castwatch_reader';

/** Creates the roles and grants their rights. @returns false when the user may not create roles and they do not exist */
export async function grantRoles(client: ClientBase, log: StreamLog): Promise<boolean> {
  for (const role of [writerRole, readerRole]) {
    if (!(await ensureRole(client, role, log))) return false;
  }
  const own = ['sink_offsets', 'sink_gaps', 'tags', 'feature_sets'].map((name) => `${schema}.${name}`);
  const stored = Object.values(tables).map(qualified);
  await client.query(`
    GRANT USAGE ON SCHEMA ${schema} TO ${writerRole}, ${readerRole};
    GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${readerRole};
    GRANT INSERT, SELECT ON ${[...stored, ...own].join(', ')} TO ${writerRole};
    GRANT UPDATE ON ${own.join(', ')} TO ${writerRole};
  `);
  return true;
}

async function ensureRole(client: ClientBase, role: string, log: StreamLog): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 1) return true;
  try {
    await client.query(`CREATE ROLE ${role} NOLOGIN`);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // Roles belong to the server. Another database's migration has created this one in the meantime.
    if (code === '42710' || code === '23505') return true;
    if (code !== '42501') throw error;
    log.warn(
      { role },
      `this user may not create the role ${role}; grant rights on the tables to the users of the sink and of readers`,
    );
    return false;
  }
}
