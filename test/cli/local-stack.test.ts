import { strict as assert } from 'node:assert';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../roles/config.ts';
import { besideLocalStack } from '../../cli/local-stack.ts';
import { acquireLock } from '../../local/lock.ts';
import { lockOf, noteRunning } from '../../local/running.ts';
import { requireNotRunning } from '../../local/stack.ts';
import { CastwatchError } from '../../base/errors.ts';

describe('cli/local-stack', () => {
  const addresses = {
    kafkaBrokers: ['127.0.0.1:1001'],
    registryUrl: 'http://127.0.0.1:1002/api',
    databaseUrl: 'postgres://u:p@127.0.0.1:1003/db',
  };
  let parent: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'castwatch-running-'));
  });
  afterEach(() => rm(parent, { recursive: true }));

  /** As a running stack leaves it; the lock is this process's. */
  async function running(name: string, parts: Parameters<typeof noteRunning>[1] = addresses) {
    const dataDir = join(parent, name);
    await mkdir(dataDir);
    const release = await acquireLock(lockOf(dataDir), name);
    await noteRunning(dataDir, parts);
    return { dataDir, release };
  }

  it('finds the parts of a running stack, and none after its end', async () => {
    const { release } = await running('one');
    const config = await besideLocalStack(readConfig({}), parent);
    assert.deepEqual(config.KAFKA_BROKERS, addresses.kafkaBrokers);
    assert.equal(config.SCHEMA_REGISTRY_URL, addresses.registryUrl);
    assert.equal(config.DATABASE_URL, addresses.databaseUrl);
    await release();
    assert.equal((await besideLocalStack(readConfig({}), parent)).KAFKA_BROKERS, undefined);
    assert.deepEqual(await besideLocalStack(readConfig({}), join(parent, 'nothing')), readConfig({}));
  });

  it('does not use it alongside other servers, but adds the parts that it runs in addition to given ones', async () => {
    const { dataDir, release } = await running('one', { databaseUrl: addresses.databaseUrl });
    const beside = await besideLocalStack(readConfig({ KAFKA_BROKERS: 'far:9092' }), parent);
    assert.deepEqual(beside.KAFKA_BROKERS, ['far:9092']);
    assert.equal(beside.DATABASE_URL, addresses.databaseUrl);
    await noteRunning(dataDir, addresses);
    const elsewhere = await besideLocalStack(readConfig({ KAFKA_BROKERS: 'far:9092' }), parent);
    assert.equal(elsewhere.DATABASE_URL, undefined);
    await release();
  });

  it('asks for a choice when several stacks run', async () => {
    const [one, two] = [await running('one'), await running('two')];
    await assert.rejects(
      besideLocalStack(readConfig({}), parent),
      /Several local stacks are running: .*one, .*two/,
    );
    const config = await besideLocalStack(readConfig({ CASTWATCH_DATA_DIR: two.dataDir }), parent);
    assert.equal(config.DATABASE_URL, addresses.databaseUrl);
    await Promise.all([one.release(), two.release()]);
  });

  it('says where the console is, when it is started a second time', async () => {
    const { dataDir, release } = await running('one');
    await noteRunning(dataDir, { consoleUrl: 'http://127.0.0.1:8080' });
    await assert.rejects(requireNotRunning(dataDir), (error) => {
      assert.ok(error instanceof CastwatchError);
      assert.match(error.remedy ?? '', /Use that one \(its console is http:\/\/127\.0\.0\.1:8080\), or stop/);
      return true;
    });
    await release();
  });

  it('lets only its owner read the file that contains the password', async () => {
    const { dataDir, release } = await running('one');
    assert.equal((await stat(join(dataDir, 'running.json'))).mode & 0o777, 0o600);
    await release();
  });
});
