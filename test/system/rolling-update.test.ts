/** An update of the process definition that adds strands, instance by instance, while readings of the new strands flow. */
import { strict as assert } from 'node:assert';
import { endWhenAsked } from '../../bench/chaos/rig/paced-feed.ts';
import type { SupervisedRole } from '../../cli/start/supervisor.ts';
import { stepLag } from '../../proof/lag.ts';
import { openDefinition } from '../../roles/open-definition.ts';
import type { OwnedPartitions } from '../../roles/role.ts';
import type { AvroTopicId } from '../../schemas/catalogue.ts';
import type { ValueOf } from '../../schemas/values.ts';
import { openSource } from '../../sources/open.ts';
import { startPipeline, type Pipeline } from '../support/pipeline.ts';
import { seed } from '../support/seed.ts';
import { waitFor } from '../support/wait.ts';

const plant = { process: 'processes/casting.yaml', cells: 8 };
const waitMs = 60_000;

describe('a rolling update that adds strands', function () {
  this.timeout(240_000);
  let pipeline: Pipeline;

  before(async () => {
    pipeline = await startPipeline(plant);
  });
  after(() => pipeline.stop());

  const start = (name: string, cells: number): Promise<SupervisedRole> =>
    pipeline.role(
      name,
      ...['process', '--process', plant.process, '--cells', String(cells)],
      ...['--steps', 'validate,features'],
    );
  const owned = (role: SupervisedRole): number =>
    ((role.status()?.detail ?? []) as readonly OwnedPartitions[]).find(({ reader }) => reader === 'validate')
      ?.partitions.length ?? 0;
  const readAll = async <T extends AvroTopicId>(id: T): Promise<readonly ValueOf<T>[]> => {
    const { transport, topics, serde } = pipeline.kafka;
    const values: ValueOf<T>[] = [];
    for (const partition of (await transport.endOffsets(topics[id])).keys())
      await transport.read({ topic: topics[id], partition }, (records) => {
        for (const { value } of records) if (value !== null) values.push(serde.codec(id).decode(value));
      });
    return values;
  };

  it('rejects no reading of a new strand once the first new instance is ready', async () => {
    const { transport, topics } = pipeline.kafka;
    const partitions = await transport.partitionCount(topics.sensorReadings);
    const [first, second] = [await start('before-1', 2), await start('before-2', 2)];
    await waitFor(() => owned(first) > 0 && owned(second) > 0, 'both instances to work', waitMs);

    const third = await start('after-1', 8);
    await waitFor(
      () => third.status()?.ready === true && owned(third) > 0,
      'the new instance to work',
      waitMs,
    );
    const feed = endWhenAsked(
      await openSource(openDefinition(plant), {
        ...{ source: 'simulator', file: [], seed: String(seed), faults: 'none' },
        startTime: Date.parse('2026-03-01T06:00:00Z'),
      }),
    );
    const publishing = pipeline.publish(feed.source, 40);
    try {
      await waitFor(() => owned(third) === partitions, 'the new instance to have all partitions', waitMs);
      await waitFor(() => owned(first) + owned(second) === 0, 'the instances before to wait', waitMs);
      assert.equal(second.status()?.ready, true);
      assert.match(
        second.status()?.problems.join() ?? '',
        /has all partitions of .*: it waits until the others/,
      );

      await first.stop();
      const fourth = await start('after-2', 8);
      await waitFor(() => owned(fourth) > 0, 'the second new instance to work', waitMs);
      await second.stop();
    } finally {
      feed.end();
    }
    const { published } = await publishing;
    await waitFor(
      async () => {
        const lags = [
          ...(await stepLag(pipeline.kafka, 'validate')),
          ...(await stepLag(pipeline.kafka, 'features')),
        ];
        return lags.every(({ records }) => records === 0);
      },
      'all to be processed',
      waitMs,
    );
    const rejected = (await readAll('rejectedReadings')).filter(({ dropped }) => dropped);
    assert.deepEqual(rejected.slice(0, 3), []);
    const validated = await readAll('validatedReadings');
    assert.equal(validated.length, published.sensorReadings);
    assert.equal(new Set(validated.map(({ asset }) => asset)).size, plant.cells);
  });
});
