import assert from 'node:assert/strict';
import { loadDefinition } from '../../../processes/load.ts';
import { assetPaths } from '../../../processes/plant.ts';
import type { History } from '../../../gateway/history.ts';
import { waitFor } from '../../support/wait.ts';
import { emptyHistory, memoryGateway, noHistory, type MemoryGateway } from '../memory-gateway.ts';
import { alert, prediction, reading } from '../records.ts';
import { get } from './api.ts';

const definition = loadDefinition('processes/casting.yaml');
const [s1 = '', s2 = ''] = assetPaths(definition);
const path = (asset: string): string => `/v1/assets/${encodeURIComponent(asset)}`;

describe('GET /v1', () => {
  let gateway: MemoryGateway;
  let asked: unknown[] = [];
  const history: History = {
    ...emptyHistory,
    assets: () => Promise.resolve([{ asset: s2, lastEventTime: 5 }]),
    predictions: (...question) => {
      asked.push(question);
      return Promise.resolve([
        prediction(s1, 1_000, {
          contributions: [{ feature: 'f', value: Number.NaN, contribution: 1, text: 't' }],
        }),
      ]);
    },
    alerts: (filter) => {
      asked.push(filter);
      return Promise.resolve([
        alert(s1, 1),
        alert(s1, 1, { transition: 'RETURNED_TO_NORMAL', step: 1, eventTime: 9 }),
      ]);
    },
  };
  before(async () => {
    gateway = await memoryGateway(definition, { history });
  });
  beforeEach(() => {
    asked = [];
  });
  after(() => gateway.stop());

  it('describes the plant for clients', async () => {
    const { status, body } = await get(gateway.gateway.url, '/v1/definition');
    assert.equal(status, 200);
    assert.deepEqual(body['assets'], assetPaths(definition));
    assert.equal((body['tags'] as unknown[]).length, definition.tags.length);
  });

  it('lists the assets of definition, database and live stream with their newest time', async () => {
    gateway.publish('validatedReadings', reading(definition, s1, 77_000));
    const assets = await waitFor(async () => {
      const { body } = await get(gateway.gateway.url, '/v1/assets');
      return JSON.stringify(body).includes('77000') && body['assets'];
    }, 'the live reading to count');
    assert.deepEqual(assets, [
      { asset: s1, lastEventTime: 77_000 },
      { asset: s2, lastEventTime: 5 },
    ]);
  });

  it('gives predictions of an asset named by its percent-encoded path', async () => {
    const { status, body } = await get(
      gateway.gateway.url,
      `${path(s1)}/predictions?from=2026-01-31T12:00:00Z&to=1800000000000&limit=7`,
    );
    assert.equal(status, 200);
    assert.deepEqual(asked, [[s1, { from: Date.UTC(2026, 0, 31, 12), to: 1_800_000_000_000, limit: 7 }]]);
    const [first] = body['predictions'] as { contributions: { value: unknown }[] }[];
    assert.equal(first?.contributions[0]?.value, null, 'what is not a number is null in JSON');
  });

  it('folds transitions into alerts', async () => {
    const { body } = await get(gateway.gateway.url, '/v1/alerts?open=true');
    assert.deepEqual(asked, [{ open: true, limit: 100 }]);
    const alerts = body['alerts'] as { state: string; stateSince: number }[];
    assert.deepEqual(
      alerts.map(({ state, stateSince }) => ({ state, stateSince })),
      [{ state: 'RETURNED', stateSince: 9 }],
    );
  });

  it('says which parameter is wrong', async () => {
    const { status, type, body } = await get(
      gateway.gateway.url,
      `${path(s1)}/predictions?from=yesterday&limit=0`,
    );
    assert.equal(status, 400);
    assert.match(type, /^application\/problem\+json/);
    assert.deepEqual(
      (body['errors'] as { path: string }[]).map((one) => one.path),
      ['from', 'limit'],
    );
  });

  it('answers 404 with problem details elsewhere', async () => {
    const { status, type } = await get(gateway.gateway.url, '/v1/nothing');
    assert.equal(status, 404);
    assert.match(type, /^application\/problem\+json/);
  });
});

describe('GET without a database', () => {
  it('says 503 for history, and still knows the assets', async () => {
    const gateway = await memoryGateway(definition, { history: noHistory });
    try {
      const { status, headers } = await get(gateway.gateway.url, `${path(s1)}/readings`);
      assert.equal(status, 503);
      assert.equal(headers.get('retry-after'), '5');
      const { body } = await get(gateway.gateway.url, '/v1/assets');
      assert.deepEqual(
        (body['assets'] as { asset: string }[]).map(({ asset }) => asset),
        [s1, s2],
      );
    } finally {
      await gateway.stop();
    }
  });
});
