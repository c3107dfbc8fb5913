import assert from 'node:assert/strict';
import { loadDefinition } from '../../../processes/load.ts';
import { assetPath, assetPaths } from '../../../processes/plant.ts';
import type { History } from '../../../gateway/history.ts';
import type { StoredFinding } from '../../../sinks/timescale/queries/rows.ts';
import { rejectionResource } from '../../../gateway/rest/resources.ts';
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
  const late: StoredFinding = {
    asset: 'nowhere',
    eventTime: 5,
    source: 'test',
    sequence: 1,
    dropped: true,
    tag: null,
    value: null,
    reason: 'LATE',
    treatment: 'DROPPED',
    detail: 'too late',
  };
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
    rows: ({ table }, filter) => {
      asked.push([table.name, filter]);
      return Promise.resolve([late]);
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

  it('lists the assets of the definition, the database and the live stream, with their newest time', async () => {
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

  it('returns the predictions of an asset that is named by its percent-encoded path', async () => {
    const { status, body } = await get(
      gateway.gateway.url,
      `${path(s1)}/predictions?from=2026-01-31T12:00:00Z&to=1800000000000&limit=7`,
    );
    assert.equal(status, 200);
    assert.deepEqual(asked, [[s1, { from: Date.UTC(2026, 0, 31, 12), to: 1_800_000_000_000, limit: 7 }]]);
    const [first] = body['predictions'] as { contributions: { value: unknown }[] }[];
    assert.equal(first?.contributions[0]?.value, null, 'what is not a number is null in JSON');
  });

  it('makes alerts from their transitions', async () => {
    const { body } = await get(gateway.gateway.url, '/v1/alerts?open=true');
    assert.deepEqual(asked, [{ open: true, limit: 100 }]);
    const alerts = body['alerts'] as { state: string; stateSince: number }[];
    assert.deepEqual(
      alerts.map(({ state, stateSince }) => ({ state, stateSince })),
      [{ state: 'RETURNED', stateSince: 9 }],
    );
  });

  it('says of an open alarm whether its asset still sends data, and since when not', async () => {
    const [silent, live] = [alert(s2, 1), alert(s1, 1)];
    const cleared = alert(s2, 3, { id: 'over', transition: 'CLEARED', step: 2 });
    const quiet = await memoryGateway(definition, {
      history: { ...history, alerts: () => Promise.resolve([silent, live, cleared]) },
    });
    try {
      const url = quiet.gateway.url;
      const alarms = async () => {
        const { body } = await get(url, '/v1/alerts');
        const all = body['alerts'] as {
          readonly state: string;
          readonly quality: string;
          readonly lastDataAt: number | null;
          readonly latest: { readonly asset: string };
        }[];
        const of = (asset: string, state: string) => {
          const alarm = all.find((each) => each.latest.asset === asset && each.state === state);
          return [alarm?.quality, alarm?.lastDataAt];
        };
        return { live: of(s1, 'ACTIVE'), silent: of(s2, 'ACTIVE'), over: of(s2, 'CLEARED') };
      };
      assert.deepEqual(await alarms(), {
        live: ['UNCERTAIN', null],
        silent: ['UNCERTAIN', 5],
        over: ['GOOD', null],
      });
      quiet.publish('validatedReadings', reading(definition, s1, Date.now()));
      await waitFor(async () => (await alarms()).live[0] === 'GOOD', 'the alarm to be current');
      assert.deepEqual((await alarms()).silent, ['UNCERTAIN', 5]);
    } finally {
      await quiet.stop();
    }
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

  it('lists the findings of validation, for one asset or all, also for assets that are not in the process definition', async () => {
    const { status, body } = await get(
      gateway.gateway.url,
      '/v1/rejections?asset=nowhere&from=2026-01-31T12:00:00Z&limit=7',
    );
    assert.equal(status, 200);
    assert.deepEqual(asked, [
      ['rejected_readings', { asset: 'nowhere', from: Date.UTC(2026, 0, 31, 12), limit: 7 }],
    ]);
    assert.deepEqual(body, { rejections: [late] });
    assert.ok(rejectionResource.safeParse(late).success, 'as the document says');
    await get(gateway.gateway.url, '/v1/rejections');
    assert.deepEqual(asked.at(-1), ['rejected_readings', { limit: 200 }]);
  });

  it('answers 404 for an unknown asset, and lists the known ones', async () => {
    const unknown = s1.replace(/.$/, '9');
    for (const url of [`${path(unknown)}/readings`, `${path(unknown)}/readings?from=5&limit=3`]) {
      const { status, type, body } = await get(gateway.gateway.url, url);
      assert.equal(status, 404);
      assert.match(type, /^application\/problem\+json/);
      assert.equal(
        body['detail'],
        `${unknown} is not defined and has never sent data (did you mean ${s1}?).`,
      );
      assert.ok(String(body['remedy']).includes(`${s1}, ${s2}`), String(body['remedy']));
    }
    const { status, body } = await get(gateway.gateway.url, `${path(s1)}/readings`);
    assert.equal(status, 200, 'known, without readings');
    assert.deepEqual(body['scans'], []);
  });

  it('answers 404 with problem details for any other path', async () => {
    const { status, type } = await get(gateway.gateway.url, '/v1/nothing');
    assert.equal(status, 404);
    assert.match(type, /^application\/problem\+json/);
  });
});

describe('GET of assets unknown to the definition', () => {
  it('is answered if the live stream or the database has the asset, and with 404 otherwise', async () => {
    const rig = loadDefinition('processes/pump-rig.yaml');
    const [live, stored, nobody] = ['one', 'two', 'three'].map((cell) => assetPath(rig, cell));
    assert.ok(live && stored && nobody);
    const history = { ...emptyHistory, assets: () => Promise.resolve([{ asset: stored, lastEventTime: 5 }]) };
    const gateway = await memoryGateway(rig, { history });
    try {
      const { url } = gateway.gateway;
      gateway.publish('validatedReadings', reading(rig, live, 1_000));
      await waitFor(
        async () => (await get(url, `${path(live)}/predictions`)).status === 200,
        'the live asset to be known',
      );
      assert.equal((await get(url, `${path(stored)}/predictions`)).status, 200);
      assert.equal((await get(url, `${path(nobody)}/predictions`)).status, 404);
      assert.equal((await get(url, `/v1/alerts?asset=${encodeURIComponent(stored)}`)).status, 200);
      assert.equal((await get(url, `/v1/alerts?asset=${encodeURIComponent(nobody)}`)).status, 404);
      assert.equal((await get(url, '/v1/alerts')).status, 200);
    } finally {
      await gateway.stop();
    }
  });
});

describe('GET without a database', () => {
  it('answers 503 for history, and still lists the assets', async () => {
    const gateway = await memoryGateway(definition, { history: noHistory });
    try {
      const { status, headers } = await get(gateway.gateway.url, `${path(s1)}/readings`);
      assert.equal(status, 503);
      assert.equal(headers.get('retry-after'), '5');
      assert.equal((await get(gateway.gateway.url, '/v1/rejections')).status, 503);
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
