/** Requests that no documented client sends: each gets an answer that says what is wrong with it. */
import assert from 'node:assert/strict';
import { loadDefinition } from '../../../processes/load.ts';
import { assetPaths } from '../../../processes/plant.ts';
import { memoryGateway, type MemoryGateway } from '../memory-gateway.ts';
import { get } from './api.ts';

const definition = loadDefinition('processes/casting.yaml');
const [asset = ''] = assetPaths(definition);

describe('requests by strangers', () => {
  let gateway: MemoryGateway;
  before(async () => {
    gateway = await memoryGateway(definition);
  });
  after(() => gateway.stop());

  const refused = async (path: string, place: string, message: RegExp): Promise<void> => {
    const { status, body } = await get(gateway.gateway.url, path);
    assert.equal(status, 400, JSON.stringify(body));
    const [error = { path: '', message: '' }] = body['errors'] as { path: string; message: string }[];
    assert.equal(error.path, place);
    assert.match(error.message, message);
  };

  it('refuses NUL in a path and in a filter, which no database can compare', async () => {
    await refused(`/v1/assets/${encodeURIComponent(asset)}%00/readings`, 'asset', /NUL/);
    await refused('/v1/alerts?asset=a%00b', 'asset', /NUL/);
    await refused('/v1/rejections?asset=a%00b', 'asset', /NUL/);
  });

  it('refuses bytes that are not UTF-8 in a filter', async () => {
    await refused('/v1/alerts?asset=%FF', 'asset', /not UTF-8/);
  });

  it('refuses an unknown parameter, which would be a filter that does nothing', async () => {
    await refused('/v1/alerts?assets=x', '', /assets/);
    await refused('/v1/definition?verbose=1', '', /verbose/);
  });

  it('says which methods a path has', async () => {
    for (const [path, allow] of [
      ['/v1/readings', 'POST'],
      ['/v1/alerts', 'GET, HEAD'],
    ] as const) {
      const response = await fetch(gateway.gateway.url + path, { method: 'DELETE' });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get('allow'), allow);
      assert.match(await response.text(), /has no DELETE/);
    }
    assert.equal((await fetch(`${gateway.gateway.url}/v1/alerts`, { method: 'HEAD' })).status, 200);
  });

  it('documents the answers that the server gives for every route', async () => {
    const { body } = await get(gateway.gateway.url, '/v1/openapi.json');
    const paths = body['paths'] as Record<string, Record<string, { responses: Record<string, unknown> }>>;
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { responses }] of Object.entries(methods)) {
        for (const status of ['400', '403', '417', '431', ...(method === 'post' ? ['408', '413'] : [])])
          assert.ok(status in responses, `${method} ${path} ${status}`);
      }
    }
  });
});
