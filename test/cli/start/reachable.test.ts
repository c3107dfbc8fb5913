import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { requireReachable } from '../../../cli/start/reachable.ts';
import { CastwatchError } from '../../../base/errors.ts';

describe('cli/start/reachable', () => {
  let server: Server;
  let open: number;
  let closed: number;

  const listen = async (): Promise<[Server, number]> => {
    const listening = createServer().listen(0, '127.0.0.1');
    await once(listening, 'listening');
    return [listening, (listening.address() as AddressInfo).port];
  };
  before(async () => {
    [server, open] = await listen();
    const [other, port] = await listen();
    other.close();
    closed = port;
  });
  after(() => server.close());

  it('passes when each server answers, when one of several brokers answers, and when there is nothing to check', async () => {
    await requireReachable({
      brokers: [`127.0.0.1:${closed}`, `127.0.0.1:${open}`],
      registryUrl: `http://127.0.0.1:${open}/api`,
      databaseUrl: `postgres://u:p@127.0.0.1:${open}/db`,
    });
    await requireReachable({ databaseUrl: 'postgres:///db?host=/var/run/postgresql' });
    await requireReachable({});
  });

  it('names server, address, reason and variable, each once, and no password', async () => {
    await assert.rejects(
      requireReachable({ databaseUrl: `postgres://u:secret@127.0.0.1:${closed}/db` }),
      (error) => {
        assert.ok(error instanceof CastwatchError && error.code === 'DATABASE_UNAVAILABLE');
        assert.equal(error.message, `The database does not answer: 127.0.0.1:${closed} (ECONNREFUSED).`);
        assert.match(error.remedy ?? '', /DATABASE_URL/);
        return true;
      },
    );
    await assert.rejects(
      requireReachable({ brokers: [`127.0.0.1:${closed}`] }),
      /^CastwatchError: Kafka does not/,
    );
  });
});
