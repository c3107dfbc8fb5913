import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asEnvironment, readConfig, requireAddresses } from '../../roles/config.ts';
import { CastwatchError } from '../../base/errors.ts';

describe('roles/config', () => {
  it('has defaults for all that need not be set', () => {
    const config = readConfig({});
    assert.equal(config.GATEWAY_PORT, 8080);
    assert.equal(config.TOPIC_PREFIX, '');
    assert.equal(config.KAFKA_BROKERS, undefined);
  });

  it('takes several brokers, and an empty variable as none', () => {
    const config = readConfig({ KAFKA_BROKERS: 'one:9092, two:9092', HEALTH_PORT: '' });
    assert.deepEqual(config.KAFKA_BROKERS, ['one:9092', 'two:9092']);
    assert.equal(config.HEALTH_PORT, undefined);
  });

  it('names every variable that is wrong, at once', () => {
    assert.throws(
      () => readConfig({ KAFKA_BROKERS: 'nowhere', DATABASE_URL: 'mysql://x', GATEWAY_PORT: '99999' }),
      (error) => {
        assert.ok(error instanceof CastwatchError && error.code === 'CONFIGURATION');
        for (const name of ['KAFKA_BROKERS', 'DATABASE_URL', 'GATEWAY_PORT'])
          assert.ok(error.message.includes(name), name);
        return true;
      },
    );
  });

  it('reads a secret from its file, and says when it cannot', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'castwatch-config-'));
    try {
      const file = join(folder, 'url');
      await writeFile(file, 'postgres://u:p@h/db\n');
      assert.equal(readConfig({ DATABASE_URL_FILE: file }).DATABASE_URL, 'postgres://u:p@h/db');
      assert.throws(
        () => readConfig({ DATABASE_URL_FILE: join(folder, 'none') }),
        /DATABASE_URL_FILE names .*none, which cannot be read/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says which address a command lacks', () => {
    const config = readConfig({ KAFKA_BROKERS: 'one:9092' });
    assert.throws(
      () => requireAddresses(config, 'brokers', 'registryUrl', 'databaseUrl'),
      /^.*SCHEMA_REGISTRY_URL and DATABASE_URL must be set/,
    );
    assert.deepEqual(requireAddresses(config, 'brokers'), { brokers: ['one:9092'] });
  });

  it('gives a child process the same addresses', () => {
    const addresses = {
      brokers: ['one:9092'],
      registryUrl: 'http://r:8080/x',
      databaseUrl: 'postgres://u:p@h/db',
    };
    const config = readConfig(asEnvironment(addresses));
    assert.deepEqual(requireAddresses(config, 'brokers', 'registryUrl', 'databaseUrl'), addresses);
  });
});
