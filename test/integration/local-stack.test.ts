import { strict as assert } from 'node:assert';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { z } from 'zod';
import {
  identify,
  isRunning,
  signalQuietly,
  type ProcessIdentity,
} from '../../local/guard/process-identity.ts';
import { removeLocalData, startLocalStack, type LocalStack } from '../../local/stack.ts';
import { CastwatchError } from '../../base/errors.ts';
import { createLogger } from '../../telemetry/log.ts';
import { waitFor } from '../support/wait.ts';

const log = createLogger('test', 'error');
const identity = z.object({ name: z.string(), pid: z.number(), started: z.string() });

describe('the local stack', function () {
  this.timeout(120_000);
  let folder: string;
  let dataDir: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castwatch-stack-'));
    await chmod(folder, 0o711);
    dataDir = join(folder, 'data');
  });
  after(async () => {
    await removeLocalData(dataDir);
    await rm(folder, { recursive: true, force: true });
  });

  const start = (options: Partial<Parameters<typeof startLocalStack>[0]> = {}): Promise<LocalStack> =>
    startLocalStack({ dataDir, log, shortLived: true, ...options });

  function recorded(): (ProcessIdentity & { name: string })[] {
    const run = join(dataDir, 'run');
    const files = readdirSync(run).filter((file) => file.endsWith('.json'));
    return files.map((file) => identity.parse(JSON.parse(readFileSync(join(run, file), 'utf8'))));
  }

  it('keeps topics, schemas and tables over a restart, and a killed server comes back with all its data', async () => {
    const first = await start();
    try {
      await writeEverywhere(first);
      await assertEverywhere(first);
      await Promise.all([first.kill('kafka'), first.kill('registry'), first.kill('database')]);
      await Promise.all([first.start('kafka'), first.start('registry'), first.start('database')]);
      await assertEverywhere(first);
    } finally {
      await first.stop();
    }
    assert.deepEqual(recorded(), []);

    const second = await start();
    try {
      assert.deepEqual(second.kafkaBrokers, first.kafkaBrokers);
      await assertEverywhere(second);
      await assert.rejects(start(), (error) => {
        assert.ok(error instanceof CastwatchError);
        assert.match(error.message, new RegExp(`is already running: process ${String(process.pid)}, since `));
        return true;
      });
    } finally {
      await second.stop();
    }
  });

  it('uses another port when the stored one is in use, and Kafka advertises it', async () => {
    const ports = z
      .record(z.string(), z.number())
      .parse(JSON.parse(readFileSync(join(dataDir, 'ports.json'), 'utf8')));
    const server = createServer().listen(ports['broker'], '127.0.0.1');
    try {
      const stack = await start({ only: ['kafka'] });
      try {
        assert.notEqual(stack.kafkaBrokers[0], `127.0.0.1:${String(ports['broker'])}`);
        assert.ok((await topicsOf(stack)).includes('kept'));
      } finally {
        await stack.stop();
      }
      const wish = start({ ports: { broker: Number(ports['broker']) } });
      await assert.rejects(
        wish,
        /Port \d+ on 127\.0\.0\.1, requested for the broker, is taken by another program/,
      );
    } finally {
      server.close();
    }
  });

  it('leaves no process behind when its parent is killed', async () => {
    const holder = await holdStack(dataDir);
    const processes = recorded();
    assert.deepEqual(processes.map(({ name }) => name).sort(), ['database', 'guard', 'kafka']);
    holder.kill('SIGKILL');
    for (const one of processes)
      await waitFor(async () => !(await isRunning(one)), `the end of ${one.name}`, 30_000);
  });

  it('stops processes that are left when the guard was killed too, and starts', async () => {
    const holder = await holdStack(dataDir);
    const processes = recorded();
    const guard = processes.find(({ name }) => name === 'guard');
    assert.ok(guard !== undefined);
    const end = once(holder, 'exit'); // a signal is only on its way when kill() returns
    signalQuietly(guard.pid, 'SIGKILL');
    holder.kill('SIGKILL');
    await end;
    const orphans = processes.filter(({ name }) => name !== 'guard');
    for (const orphan of orphans)
      assert.ok(await isRunning(orphan), `${orphan.name} should be an orphan now`);

    const stack = await start({ only: ['database'] });
    try {
      for (const orphan of orphans)
        assert.ok(!(await isRunning(orphan)), `${orphan.name} should have been stopped`);
    } finally {
      await stack.stop();
    }
  });

  it('lets only its owner read the password', () => {
    assert.equal(statSync(join(dataDir, 'database-password')).mode & 0o777, 0o600);
  });

  it('runs PostgreSQL in a folder that others may not read', async function () {
    if (process.getuid?.() !== 0) this.skip(); // only root has to hand over to another user
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const stack = await start({ dataDir: join(closed, 'data'), only: ['database'] });
    const noted = readFileSync(join(closed, 'data', 'postgres-folder'), 'utf8');
    await stack.stop();
    await removeLocalData(join(closed, 'data'));
    assert.ok(!existsSync(noted), 'nothing should be left elsewhere');
  });

  it('says which folder it cannot write', async () => {
    await assert.rejects(
      start({ dataDir: '/dev/null/data' }),
      /The data folder \/dev\/null\/data cannot be written/,
    );
  });

  it('distinguishes a process from another one with the same id', async () => {
    const self = await identify(process.pid);
    assert.ok(self !== undefined && (await isRunning(self)));
    assert.ok(!(await isRunning({ ...self, started: `${self.started}0` })));
  });
});

function holdStack(dataDir: string): Promise<ChildProcess> {
  const holder = spawn(process.execPath, [join(import.meta.dirname, '../support/hold-stack.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    holder.stdout.once('data', () => {
      resolve(holder);
    });
    holder.once('exit', (code) => {
      reject(new Error(`the holder ended early with ${String(code)}`));
    });
  });
}

function kafka(stack: LocalStack): Kafka {
  return new Kafka({ clientId: 'test', brokers: [...stack.kafkaBrokers], logLevel: logLevel.NOTHING });
}

async function topicsOf(stack: LocalStack): Promise<string[]> {
  const admin = kafka(stack).admin();
  await admin.connect();
  const topics = await admin.listTopics();
  await admin.disconnect();
  return topics;
}

async function query(stack: LocalStack, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: stack.databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function writeEverywhere(stack: LocalStack): Promise<void> {
  const admin = kafka(stack).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }] });
  await admin.disconnect();
  const answer = await fetch(`${stack.registryUrl}/subjects/kept-value/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: '"string"' }),
  });
  assert.equal(answer.status, 200);
  await query(stack, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
}

async function assertEverywhere(stack: LocalStack): Promise<void> {
  assert.ok((await topicsOf(stack)).includes('kept'));
  const subjects = await fetch(`${stack.registryUrl}/subjects`);
  assert.deepEqual(await subjects.json(), ['kept-value']);
  assert.deepEqual(await query(stack, 'SELECT n FROM kept'), [{ n: 7 }]);
}
