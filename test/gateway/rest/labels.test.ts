import assert from 'node:assert/strict';
import { loadDefinition } from '../../../processes/load.ts';
import { assetPaths } from '../../../processes/plant.ts';
import type { ProcessDefinition } from '../../../processes/schema.ts';
import { serdeWithoutRegistry } from '../../../schemas/registry/serde.ts';
import { MemoryTransport } from '../../../stream/index.ts';
import { memoryGateway, type MemoryGateway } from '../memory-gateway.ts';
import { post } from './api.ts';

const casting = loadDefinition('processes/casting.yaml');
const [asset = ''] = assetPaths(casting);
const label = {
  ...{ asset, eventTime: '2026-01-31T12:00:00Z', until: '2026-01-31T12:05:00Z', target: casting.target.id },
  ...{
    value: 1,
    defect: 'crack',
    piece: { heat: 'H1' },
    source: 'lab',
    foundAt: '2026-02-02T08:00:00+01:00',
  },
};

async function labelsOn({ broker }: MemoryGateway): Promise<unknown[]> {
  const codec = serdeWithoutRegistry().codec('qualityLabels');
  const transport = new MemoryTransport(broker);
  const labels: unknown[] = [];
  for (let partition = 0; partition < (await transport.partitionCount('quality-labels.v1')); partition++)
    await transport.read({ topic: 'quality-labels.v1', partition }, (records) => {
      for (const { key, value } of records)
        labels.push([key?.toString(), codec.decode(value ?? Buffer.of())]);
    });
  return labels;
}

describe('POST /v1/quality-labels', () => {
  let gateway: MemoryGateway;
  afterEach(() => gateway.stop());
  const send = async (definition: ProcessDefinition, body: unknown) => {
    gateway = await memoryGateway(definition);
    return post(gateway.gateway.url, '/v1/quality-labels', body);
  };

  it('writes a label to its topic, keyed by asset, and gives a receipt', async () => {
    const { status, body } = await send(casting, label);
    const eventTime = Date.parse(label.eventTime);
    assert.deepEqual(
      [status, body],
      [...[202, { accepted: [{ index: 0, asset, source: 'lab', eventTime }], rejected: [] }]],
    );
    const times = { eventTime, until: Date.parse(label.until), foundAt: Date.parse(label.foundAt) };
    assert.deepEqual(await labelsOn(gateway), [[asset, { ...label, ...times }]]);
  });

  it('refuses what says nothing about the target, item by item', async () => {
    const { status, body } = await send(casting, [
      label,
      ...[-1, 2, 0.4].map((value) => ({ ...label, value })),
      { ...label, value: 'yes' },
      { ...label, target: 'another' },
      { ...label, until: label.eventTime },
      { ...label, source: 'l\0ab' },
    ]);
    assert.equal(status, 207);
    const rejected = body['rejected'] as { index: number; path: string; remedy?: string }[];
    assert.deepEqual(
      rejected.map(({ index, path }) => [index, path]),
      [
        [1, 'value'],
        [2, 'value'],
        [3, 'value'],
        [4, 'value'],
        [5, 'target'],
        [6, 'until'],
        [7, 'source'],
      ],
    );
    assert.match(rejected[0]?.remedy ?? '', /0 or 1/);
    assert.equal((await labelsOn(gateway)).length, 1);
  });

  it('takes declared values, and writes what they mean', async () => {
    const target = { ...casting.target, labels: { '-1': 0, '2': 1 } as const };
    const values = [-1, 0, 1, 2].map((value, nth) => ({ ...label, value, eventTime: nth, source: 'lab\0' }));
    const { status } = await send({ ...casting, target }, values);
    assert.equal(status, 202);
    const written = (await labelsOn(gateway)) as [string, { value: number; source: string }][];
    assert.deepEqual(
      written.map(([, { value, source }]) => [value, source]),
      [0, 0, 1, 1].map((value) => [value, 'lab']),
    );
  });

  it('needs the class where the target has classes', async () => {
    const target = { ...casting.target, classes: ['none', 'crack'], warnOf: ['crack'] };
    const { status, body } = await send({ ...casting, target }, [
      label,
      { ...label, defect: null },
      { ...label, defect: 'dent' },
      { ...label, value: 0, defect: null },
    ]);
    assert.equal(status, 207);
    const rejected = body['rejected'] as { index: number; message: string }[];
    assert.deepEqual(
      rejected.map(({ index }) => index),
      [1, 2],
    );
    assert.match(rejected[0]?.message ?? '', /the target has classes/);
  });
});
