/** A role that cannot start says why and ends, though it has opened connections before. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { exitCodes } from '../../base/errors.ts';
import { createTopics } from '../../schemas/admin.ts';
import { localStack, uniqueDatabase, uniquePrefix } from '../support/stack.ts';
import { migrate } from '../../sinks/timescale/migrate.ts';

const entry = join(import.meta.dirname, '../../cli/castwatch.ts');

/** Resolves with exit code and messages; never when the process does not end. */
async function run(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [entry, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  await once(child, 'exit');
  return { code: child.exitCode, said };
}

describe('a role that cannot start', function () {
  this.timeout(60_000);
  let env: Readonly<Record<string, string>>;
  let holder: Server;
  let port: number;

  before(async () => {
    const stack = await localStack();
    const prefix = uniquePrefix();
    const databaseUrl = await uniqueDatabase();
    await Promise.all([
      createTopics({ brokers: stack.kafkaBrokers, prefix, partitions: 1 }),
      migrate({ databaseUrl }),
    ]);
    env = {
      KAFKA_BROKERS: stack.kafkaBrokers.join(','),
      SCHEMA_REGISTRY_URL: stack.registryUrl,
      DATABASE_URL: databaseUrl,
      TOPIC_PREFIX: prefix,
      LOG_LEVEL: 'silent',
    };
    holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const address = holder.address();
    assert.ok(address !== null && typeof address === 'object');
    port = address.port;
  });
  after(() => holder.close());

  it('ends the gateway when its port is taken', async () => {
    const { code, said } = await run(['gateway', '--port', String(port)], env);
    assert.match(said, new RegExp(`Port ${port} on 127.0.0.1 is taken`));
    assert.equal(code, exitCodes.ENVIRONMENT, said);
  });

  it('ends the gateway when it may not listen on its address', async () => {
    const { code, said } = await run(['gateway', '--host', '10.255.255.1'], env);
    assert.equal(code, exitCodes.CONFIGURATION, said);
  });

  it('ends a sink when the port of its health server is taken', async () => {
    const { code, said } = await run(['sink'], { ...env, HEALTH_PORT: String(port) });
    assert.match(said, /cannot listen on HEALTH_PORT/);
    assert.equal(code, exitCodes.ENVIRONMENT, said);
  });
});
