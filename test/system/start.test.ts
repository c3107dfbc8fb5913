import { strict as assert } from 'node:assert';
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { z } from 'zod';
import { identify, isRunning, type ProcessIdentity } from '../../local/guard/process-identity.ts';
import { removeLocalData } from '../../local/stack.ts';
import { localStack, uniqueDatabase, uniquePrefix } from '../support/stack.ts';
import { waitFor } from '../support/wait.ts';

const entry = join(import.meta.dirname, '../../cli/castwatch.ts');
const identity = z.object({ name: z.string(), pid: z.number(), started: z.string() });

/** `castwatch ARGS`, with what it said so far. */
class Run {
  readonly child: ChildProcess;
  output = '';
  errors = '';
  readonly ended: Promise<number | null>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, [entry, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.ended = new Promise((resolve) => child.once('close', resolve));
    this.child = child;
  }

  /** The first group of the pattern, once it was said. */
  async said(pattern: RegExp, timeoutMs: number): Promise<string> {
    return waitFor(() => pattern.exec(this.errors)?.[1], `${String(pattern)} in: ${this.errors}`, timeoutMs);
  }
}

describe('castwatch start', function () {
  this.timeout(180_000);
  let dataDir: string;
  const runs: Run[] = [];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'castwatch-start-'));
    await chmod(dataDir, 0o711);
  });
  afterEach(async () => {
    for (const run of runs.splice(0)) if (run.child.exitCode === null) run.child.kill('SIGKILL');
    await waitFor(() => processesIn(join(dataDir, 'run')).length === 0, 'the end of all parts', 60_000);
    await removeLocalData(dataDir);
  });

  function castwatch(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
    const run = new Run(args, { CASTWATCH_DATA_DIR: dataDir, ...env });
    runs.push(run);
    return run;
  }

  /** The roles, which are the children of `start` by the kernel's own account. */
  async function rolesOf(run: Run): Promise<ProcessIdentity[]> {
    const pid = String(run.child.pid);
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
    const found = await Promise.all(pids.map(identify));
    return found.filter((each) => each !== undefined);
  }

  it('runs all roles, shows predictions, and stops everything on Ctrl-C', async () => {
    const run = castwatch(['start', '--port', '0', '--json', '--speed', '20']);
    const url = await run.said(/Console +(\S+)/, 90_000);
    assert.equal((await fetch(`${url}/health`)).status, 200);
    assert.match(await (await fetch(url)).text(), /<html/);
    await run.said(/"predictions":([1-9]\d*)/, 60_000);
    const assets: unknown = await (await fetch(`${url}/v1/assets`)).json();
    assert.match(JSON.stringify(assets), /S1/);

    const second = castwatch(['start', '--port', '0']);
    assert.equal(await second.ended, 69);
    assert.match(
      second.errors,
      /is already running: process \d+, since .*\n {2}Use that one \(its console is \S+\), or stop it first/,
    );
    assert.ok(second.errors.includes(`its console is ${url}`), second.errors);

    const left = [...processesIn(join(dataDir, 'run')), ...(await rolesOf(run))];
    assert.ok(left.length >= 8, 'guard, three parts and four roles');
    run.child.kill('SIGINT');
    await waitFor(() => run.child.exitCode !== null, 'its end', 30_000);
    assert.equal(run.child.exitCode, 0);
    for (const one of left) assert.ok(!(await isRunning(one)), `process ${one.pid} is still there`);
  });

  it('leaves no process behind when it is killed', async function () {
    if (process.platform !== 'linux') this.skip(); // finds its children by /proc
    const run = castwatch(['start', '--port', '0', '--json']);
    await run.said(/Console +(\S+)/, 90_000);
    const left = [...processesIn(join(dataDir, 'run')), ...(await rolesOf(run))];
    run.child.kill('SIGKILL');
    for (const one of left)
      await waitFor(async () => !(await isRunning(one)), `the end of process ${one.pid}`, 40_000);
  });

  it('says which port is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    try {
      const run = castwatch(['start', '--port', String(port)]);
      assert.equal(await run.ended, 69);
      assert.match(
        run.errors,
        new RegExp(
          `Port ${port} on 127\\.0\\.0\\.1, requested for the console, is taken.*\n {2}Stop that program or give another port`,
        ),
      );
    } finally {
      server.close();
    }
  });

  it('says to which database it may not write', async () => {
    const { kafkaBrokers, registryUrl } = await localStack();
    const run = castwatch(['start', '--port', '0'], {
      KAFKA_BROKERS: kafkaBrokers.join(','),
      SCHEMA_REGISTRY_URL: registryUrl,
      DATABASE_URL: await readOnlyDatabase(),
      TOPIC_PREFIX: uniquePrefix(),
    });
    assert.equal(await run.ended, 77);
    assert.match(run.errors, /castwatch: the database cannot be migrated: .*permission denied/);
  });

  it('reports what is wrong with a definition or a flag before it starts anything', async () => {
    const none = castwatch(['start', '--process', 'processes/none.yaml']);
    assert.notEqual(await none.ended, 0);
    assert.match(none.errors, /processes\/none\.yaml/);
    const noFiles = castwatch(['start', '--source', 'csv', '--process', 'processes/pump-rig.yaml']);
    assert.equal(await noFiles.ended, 64);
    assert.match(noFiles.errors, /needs at least one file/);
  });
});

function processesIn(folder: string): (ProcessIdentity & { readonly name: string })[] {
  try {
    const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
    return files.map((file) => identity.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))));
  } catch {
    return []; // nothing was started
  }
}

/** A database, and a user that may connect to it and no more. */
async function readOnlyDatabase(): Promise<string> {
  const url = new URL(await uniqueDatabase());
  const user = `reader${url.pathname.replaceAll(/\W/g, '')}`;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(`CREATE ROLE ${user} LOGIN PASSWORD 'reads'`);
  await client.end();
  url.username = user;
  url.password = 'reads';
  return url.href;
}
