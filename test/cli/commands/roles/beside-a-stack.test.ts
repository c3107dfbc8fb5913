/** The real commands of the roles, without addresses in the environment, while a local stack runs. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireLock } from '../../../../local/lock.ts';
import { lockOf, noteRunning } from '../../../../local/running.ts';

const project = join(import.meta.dirname, '../../../..');

describe('a role next to a running `npm start`', function () {
  this.timeout(60_000);
  let dataDir: string;
  let release: () => Promise<void>;
  let asked: (path: string) => void = () => undefined;
  /** In place of the schema registry, which every role asks first. */
  const registry = createServer((request, response) => {
    asked(request.url ?? '');
    response.writeHead(503).end();
  });

  before(async () => {
    dataDir = join(await mkdtemp(join(tmpdir(), 'castwatch-beside-')), 'data');
    await mkdir(dataDir);
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
    const { port } = registry.address() as AddressInfo;
    release = await acquireLock(lockOf(dataDir), 'test');
    await noteRunning(dataDir, {
      kafkaBrokers: ['127.0.0.1:1'],
      registryUrl: `http://127.0.0.1:${port}/beside`,
      databaseUrl: 'postgres://u:p@127.0.0.1:1/db',
    });
  });
  after(async () => {
    registry.close();
    registry.closeAllConnections();
    await release();
    await rm(join(dataDir, '..'), { recursive: true });
  });

  for (const role of ['process', 'sink', 'gateway', 'retrainer'])
    it(`finds its parts: ${role}`, async () => {
      const env = { ...process.env, CASTWATCH_DATA_DIR: dataDir };
      for (const name of ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'DATABASE_URL'] as const)
        Reflect.deleteProperty(env, name);
      const path = new Promise<string>((resolve) => (asked = resolve));
      const child = spawn(process.execPath, ['cli/castwatch.ts', role], { cwd: project, env });
      let said = '';
      child.stderr.on('data', (text: Buffer) => (said += text.toString()));
      const ended = new Promise<string>((resolve) =>
        child.once('exit', () => {
          resolve(`ended: ${said}`);
        }),
      );
      assert.match(await Promise.race([path, ended]), /^\/beside\//);
      child.kill('SIGKILL');
      await ended;
    });
});
