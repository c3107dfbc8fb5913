import assert from 'node:assert/strict';
import { request } from 'node:http';
import { generateOpenApi } from '../../../gateway/generate.ts';
import { openApiDocument } from '../../../gateway/rest/openapi.ts';
import { routeSpecs } from '../../../gateway/rest/routes.ts';
import { loadDefinition } from '../../../processes/load.ts';
import { CastwatchError } from '../../../base/errors.ts';
import { topics } from '../../../schemas/catalogue.ts';
import { BreakerLog, MemoryTransport } from '../../../stream/index.ts';
import { waitFor } from '../../support/wait.ts';
import { memoryGateway, type MemoryGateway } from '../memory-gateway.ts';
import { get } from './api.ts';

const definition = loadDefinition('processes/casting.yaml');

describe('operation', () => {
  let gateway: MemoryGateway;
  let databaseIsUp = true;
  before(async () => {
    const database = () =>
      databaseIsUp ? Promise.resolve() : Promise.reject(new Error('connection refused'));
    gateway = await memoryGateway(definition, { checks: { database } });
  });
  after(() => gateway.stop());

  it('is healthy while it runs, and ready when all parts are ready', async () => {
    assert.equal((await get(gateway.gateway.url, '/health')).body['status'], 'up');
    const { body } = await waitFor(async () => {
      const answer = await get(gateway.gateway.url, '/ready');
      return answer.status === 200 && answer;
    }, 'readiness');
    assert.deepEqual(Object.keys(body['checks'] as object).sort(), ['database', 'kafka', 'live']);
    assert.deepEqual(gateway.gateway.status(), { ready: true, problems: [] });
  });

  it('says which part is missing', async () => {
    databaseIsUp = false;
    const { status, body } = await get(gateway.gateway.url, '/ready');
    databaseIsUp = true;
    assert.equal(status, 503);
    const { database, kafka } = body['checks'] as Record<string, { ok: boolean; detail?: string }>;
    assert.deepEqual([database?.ok, database?.detail, kafka?.ok], [false, 'connection refused', true]);
  });

  it('says which steps stand still, since when and why, and is ready itself', async () => {
    const log = new BreakerLog(new MemoryTransport(gateway.broker), topics.breakers.name);
    gateway.broker.createTopic(topics.breakers.name, 2);
    const standstill = {
      step: 'validate',
      topic: 'sensor-readings.v1',
      partition: 3,
      since: 5,
      why: 'most failed',
    };
    await log.stopped({ ...standstill, unit: 'validate/3', positions: [] });
    const ready = await get(gateway.gateway.url, '/ready');
    assert.deepEqual([ready.status, ready.body['standstills']], [200, [standstill]]);
    assert.deepEqual((await get(gateway.gateway.url, '/v1/standstills')).body['standstills'], [standstill]);
    await log.running('validate/3');
    assert.deepEqual((await get(gateway.gateway.url, '/v1/standstills')).body['standstills'], []);
  });

  it('serves its metrics as Prometheus text', async () => {
    const { type, body } = await get(gateway.gateway.url, '/metrics');
    assert.match(type, /^text\/plain; version=0\.0\.4/);
    assert.match(String(body['text']), /castwatch_gateway_request_duration/);
  });

  it('serves the console as JavaScript, with a strict content security policy', async () => {
    const page = await get(gateway.gateway.url, '/');
    assert.match(page.type, /^text\/html/);
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    const module = await get(gateway.gateway.url, '/console/main.ts');
    assert.match(module.type, /^text\/javascript/);
    assert.doesNotMatch(String(module.body['text']), /\binterface\b|import type/);
    const etag = module.headers.get('etag') ?? '';
    assert.equal(await statusFor(`${gateway.gateway.url}/console/main.ts`, { 'If-None-Match': etag }), 304);
  });

  it('refuses requests to another host name or from another page', async () => {
    assert.equal(await statusFor(`${gateway.gateway.url}/health`, { Host: 'evil.example' }), 403);
    assert.equal(await statusFor(`${gateway.gateway.url}/health`, { Origin: 'http://evil.example' }), 403);
    assert.equal(await statusFor(`${gateway.gateway.url}/health`, {}), 200);
  });

  it('listens on loopback only', async () => {
    await assert.rejects(memoryGateway(definition, { host: '0.0.0.0' }), (error: unknown) => {
      assert.ok(error instanceof CastwatchError);
      assert.equal(error.code, 'CONFIGURATION');
      assert.match(error.message, /0\.0\.0\.0.*no accounts/);
      assert.match(error.remedy ?? '', /127\.0\.0\.1/);
      return true;
    });
  });

  it('says that the port is in use', async () => {
    const port = Number(new URL(gateway.gateway.url).port);
    await assert.rejects(memoryGateway(definition, { port }), (error: unknown) => {
      assert.ok(error instanceof CastwatchError);
      assert.equal(error.code, 'ENVIRONMENT');
      assert.match(error.message, new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is taken`));
      return true;
    });
  });

  it('serves the OpenAPI document that is committed', async () => {
    assert.deepEqual(await generateOpenApi({ check: true }), { written: [], problems: [] });
    const { body } = await get(gateway.gateway.url, '/v1/openapi.json');
    assert.deepEqual(body, JSON.parse(JSON.stringify(openApiDocument(routeSpecs))));
  });

  it('has an OpenAPI document in which all references resolve and all ids are unique', () => {
    const document = openApiDocument(routeSpecs);
    const { schemas } = document['components'] as { schemas: Record<string, unknown> };
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name ?? '',
    );
    assert.ok(references.length > 10);
    for (const name of references) assert.ok(schemas[name] !== undefined, `no schema ${name}`);
    const ids = routeSpecs.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });
});

/** With headers that fetch does not let through. */
function statusFor(url: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
