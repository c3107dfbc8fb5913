import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRegistryClient } from '../../../schemas/registry/client.ts';

let server: Server | undefined;

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/registry/`;
}

async function closedPort(): Promise<string> {
  const url = await serve(() => undefined);
  await stop();
  return url;
}

async function stop(): Promise<void> {
  const stopping = server;
  server = undefined;
  if (stopping === undefined) return;
  stopping.closeAllConnections();
  await new Promise((resolve) => stopping.close(resolve));
}

describe('schemas/registry/client', () => {
  afterEach(stop);

  it('asks again while the registry has an internal error, then continues', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.writeHead(asked < 3 ? 503 : 200).end(asked < 3 ? '' : '{"schema":"\\"string\\""}');
    });
    const schema = await createRegistryClient({ url }).schemaById(1);
    assert.deepEqual(schema, { text: '"string"', type: 'AVRO', references: false });
    assert.equal(asked, 3);
  });

  it('says that no server listens, with the address', async () => {
    const url = await closedPort();
    await assert.rejects(
      createRegistryClient({ url, retries: 1 }).schemaById(1),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'REGISTRY_UNAVAILABLE');
        assert.match(error.message, /http:\/\/127\.0\.0\.1:\d+\/registry does not answer \(.*ECONNREFUSED/);
        return true;
      },
    );
  });

  it('does not wait for ever for an answer', async () => {
    const url = await serve(() => undefined);
    await assert.rejects(createRegistryClient({ url, retries: 0, timeout: 50 }).schemaById(1), {
      code: 'REGISTRY_UNAVAILABLE',
      message: /timeout/,
    });
  });

  it('distinguishes an unknown id from a registry that fails', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(404).end('{"error_code":40403,"message":"Schema not found"}');
    });
    assert.equal(await createRegistryClient({ url }).schemaById(4711), undefined);
  });

  it('does not take a bare 404 of a proxy for a missing schema', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(404).end('<html>no such page</html>');
    });
    await assert.rejects(createRegistryClient({ url }).schemaById(1), { code: 'REGISTRY_UNAVAILABLE' });
  });

  it('says when another service answers at that address', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200).end('<html>welcome</html>');
    });
    await assert.rejects(createRegistryClient({ url }).schemaById(1), {
      message: /unexpected answer for schema 1/,
      code: 'REGISTRY_UNAVAILABLE',
    });
  });

  it('sends the credentials of the address as a header and never shows them', async () => {
    let authorization: string | undefined;
    const url = await serve((request, response) => {
      authorization = request.headers.authorization;
      response.writeHead(401).end('{"message":"no"}');
    });
    const secret = url.replace('http://', 'http://user:p%40ss@');
    await assert.rejects(
      createRegistryClient({ url: secret }).subjects(),
      (error: Error) => !error.message.includes('p%40ss'),
    );
    assert.equal(authorization, `Basic ${Buffer.from('user:p@ss').toString('base64')}`);
    await stop();
    await assert.rejects(
      createRegistryClient({ url: secret, retries: 0 }).subjects(),
      (error: Error) => !error.message.includes('ss@'),
    );
  });
});
