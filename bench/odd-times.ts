#!/usr/bin/env node
/**
 * Shows on a real server that event times seven days apart do not stop the sink. It makes a database of its own on the
 * server of DATABASE_URL, drops it at the end, prints one line of JSON, and exits with 1 when rows are missing.
 *
 * `node bench/odd-times.ts DATABASE_URL [--rejected 9500] [--validated 0] [--good 640] [--minutes 10]`
 */
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { newDatabase } from '../local/postgres/new-database.ts';
import { storeOddTimes } from './measuring/store-odd-times.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rejected: { type: 'string', default: '9500' },
    validated: { type: 'string', default: '0' },
    good: { type: 'string', default: '640' },
    minutes: { type: 'string', default: '10' },
  },
});
const [serverUrl] = positionals;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

if (serverUrl === undefined) {
  say(
    'Give the URL of a database on the server: node bench/odd-times.ts DATABASE_URL. Its user must be able to create databases.',
  );
  process.exitCode = 2;
} else {
  const name = `castwatch_odd_times_${process.pid}_${Date.now()}`;
  const databaseUrl = await newDatabase(serverUrl, name);
  say(`made the database ${name}`);
  try {
    const outcome = await storeOddTimes({
      ...{ databaseUrl, say, timeout: Number(values.minutes) * 60_000 },
      rejected: Number(values.rejected),
      validated: Number(values.validated),
      good: Number(values.good),
    });
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
    if (outcome.server === 'plain')
      say(
        'This server has no TimescaleDB. So it shows that the sink stores such times, but no chunks and no lack of locks.',
      );
    process.exitCode = outcome.complete ? 0 : 1;
  } finally {
    await dropDatabase(serverUrl, name);
  }
}

/** TimescaleDB's workers may still be connected to it. */
async function dropDatabase(url: string, name: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`DROP DATABASE ${name} WITH (FORCE)`).finally(() => client.end());
}
