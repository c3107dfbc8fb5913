/** What one request may cost the gateway and its caller, whatever is in it. */
import assert from 'node:assert/strict';
import { loadDefinition } from '../../../processes/load.ts';
import { assetPaths } from '../../../processes/plant.ts';
import { until } from '../../../base/retry.ts';
import { memoryGateway, type MemoryGateway } from '../memory-gateway.ts';
import { get, post } from './api.ts';

const definition = loadDefinition('processes/casting.yaml');
const [asset = ''] = assetPaths(definition);
const [tag = ''] = definition.tags.map(({ id }) => id);
const [level = ''] = definition.piece?.levels ?? [];

const reading = (sequence: number, given: object = {}) => ({
  asset,
  eventTime: '2026-01-31T12:00:00Z',
  sequence,
  source: 'test',
  measurements: [{ tag, value: 1 }],
  ...given,
});

/** Largest stretch of CPU time of this thread between two turns of the event loop, ms, until the work is done. */
async function longestStretch(work: Promise<unknown>): Promise<number> {
  let longest = 0;
  let done = false;
  let before = process.threadCpuUsage();
  const turn = (): void => {
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    before = process.threadCpuUsage();
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  await work;
  done = true;
  return longest;
}

/** Text is made beforehand, so that making it does not count. */
const bodies: readonly (readonly [string, string])[] = [
  [
    'one array of readings with unknown tags',
    JSON.stringify(
      Array.from({ length: 400 }, (_, nth) =>
        reading(nth, {
          measurements: Array.from({ length: 250 }, (_, at) => ({
            tag: `${tag}_unknown_${nth}_${at}`,
            value: 1,
          })),
        }),
      ),
    ),
  ],
  [
    'one reading with unknown tags of the longest name',
    JSON.stringify(
      reading(1, {
        measurements: Array.from({ length: 4_900 }, (_, at) => ({
          tag: `${'x'.repeat(250)}${at}`.slice(-256),
          value: 1,
        })),
      }),
    ),
  ],
  [
    'one reading whose measurements all have several mistakes',
    JSON.stringify(
      reading(1, { measurements: Array.from({ length: 4_900 }, () => ({ tag: 1, value: 'x', quality: 7 })) }),
    ),
  ],
  [
    'one reading with too many measurements',
    JSON.stringify(reading(1, { measurements: Array.from({ length: 400_000 }, () => ({})) })),
  ],
  [
    'one reading with unknown fields',
    JSON.stringify({
      ...reading(1),
      ...Object.fromEntries(Array.from({ length: 40_000 }, (_, at) => [`field${at}`, at])),
    }),
  ],
  ['10,000 items that are no objects', JSON.stringify(Array.from({ length: 10_000 }, (_, at) => at))],
  ['10,000 valid readings', JSON.stringify(Array.from({ length: 10_000 }, (_, at) => reading(at)))],
];

describe('a large request', () => {
  let gateway: MemoryGateway;
  before(async () => {
    gateway = await memoryGateway(definition);
    // Warm up: the compiler's first work on this code is no part of the bound.
    await post(
      gateway.gateway.url,
      '/v1/readings',
      Array.from({ length: 3_000 }, (_, at) => reading(at)),
    );
  });
  after(() => gateway.stop());

  for (const [what, body] of bodies) {
    it(`takes no stretch of more than 100 ms of CPU time: ${what}`, async () => {
      let answer: string | undefined;
      const work = fetch(`${gateway.gateway.url}/v1/readings`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
      }).then(async (response) => {
        answer = await response.text();
      });
      const longest = await longestStretch(work);
      assert.ok(longest < 100, `${longest.toFixed(0)} ms`);
      assert.ok(
        answer !== undefined && answer.length < Math.max(100_000, 2 * body.length),
        `${answer?.length} bytes`,
      );
    });
  }

  it('lists 100 errors and gives the number of the others', async () => {
    const { status, body } = await post(
      gateway.gateway.url,
      '/v1/readings',
      reading(1, {
        measurements: Array.from({ length: 150 }, (_, at) => ({ tag: `${tag}${at}x`, value: 1 })),
      }),
    );
    assert.equal(status, 422);
    const errors = body['errors'] as { message: string }[];
    assert.deepEqual([errors.length, body['moreErrors']], [100, 50]);
    assert.equal(errors.filter(({ message }) => message.includes('did you mean')).length, 10);
  });

  it('refuses an item that is too large for Kafka, for good, and takes its neighbours', async () => {
    const large = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`p${at}`, 'x'.repeat(4_000)]));
    const event = (sequence: number, properties: object) => ({
      ...{ asset, eventTime: 1_769_860_800_000, sequence, source: 'mes', type: 'STARTED', level, id: 'h1' },
      properties,
    });
    const { status, body } = await post(gateway.gateway.url, '/v1/mes-events', [
      event(1, {}),
      event(2, large),
      event(3, {}),
    ]);
    assert.equal(status, 207);
    assert.deepEqual(
      (body['accepted'] as { index: number }[]).map(({ index }) => index),
      [0, 2],
    );
    const [{ index, message, remedy } = { index: -1, message: '', remedy: '' }] = body['rejected'] as {
      index: number;
      message: string;
      remedy: string;
    }[];
    assert.equal(index, 1);
    assert.match(message, /takes 1\d{6} bytes on Kafka/);
    assert.match(remedy, /does not help/);
    const alone = await post(gateway.gateway.url, '/v1/mes-events', event(4, large));
    assert.equal(alone.status, 422);
  });

  it('leaves the gateway answering its health meanwhile', async () => {
    const [, body = ''] = bodies[0] ?? [];
    const work = post(gateway.gateway.url, '/v1/readings', body);
    await until(
      'an answer of /health',
      async () => (await get(gateway.gateway.url, '/health')).status === 200,
    );
    await work;
  });
});
