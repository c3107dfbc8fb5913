/** A live source on real Kafka, killed in the middle of its work again and again. */
import { strict as assert } from 'node:assert';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDefinition } from '../../processes/load.ts';
import { assetPath } from '../../processes/plant.ts';
import type { AvroTopicId } from '../../schemas/catalogue.ts';
import type { ValueOf } from '../../schemas/values.ts';
import type { LiveHealth } from '../../sources/source.ts';
import { startPipeline, type Pipeline } from '../support/pipeline.ts';
import { waitFor } from '../support/wait.ts';

const plant = 'processes/pump-rig.yaml';
const definition = loadDefinition(plant);
const { period } = definition.time;
const asset = assetPath(definition, definition.cells === 'any' ? 'rig' : (definition.cells[0] ?? ''));
const kills = 3;
const perLife = 4_000;
const whileDead = 500;

describe('a tail source that is killed with -9', function () {
  this.timeout(300_000);
  let folder: string;
  let pipeline: Pipeline;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castwatch-tail-'));
    pipeline = await startPipeline({ process: plant, env: { CASTWATCH_DATA_DIR: folder } });
  });
  after(async () => {
    await pipeline.stop();
    await rm(folder, { recursive: true });
  });

  const valuesOf = async <T extends AvroTopicId>(topic: T): Promise<readonly ValueOf<T>[]> => {
    const { transport, topics, serde } = pipeline.kafka;
    const values: ValueOf<T>[] = [];
    for (const partition of (await transport.endOffsets(topics[topic])).keys())
      await transport.read({ topic: topics[topic], partition }, (records) => {
        for (const { value } of records) if (value !== null) values.push(serde.codec(topic).decode(value));
      });
    return values;
  };
  const written = async (): Promise<number> => {
    const ends = await pipeline.kafka.transport.endOffsets(pipeline.kafka.topics.sensorReadings);
    return [...ends.values()].reduce((sum, end) => sum + end, 0);
  };

  it('loses nothing: every line is validated once, and repeated lines are rejected as duplicates', async () => {
    const file = join(folder, 'readings.ndjson');
    const all = kills * (perLife + whileDead) + 1;
    const begin = Math.floor(Date.now() / period) * period - all * period;
    let sequence = 0;
    const give = (count: number): Promise<void> => {
      const lines = Array.from({ length: count }, () => {
        sequence += 1;
        const measurements = definition.tags.map(({ id, normal: [low, high] }) => ({
          tag: id,
          value: low + ((high - low) * (1 + (sequence % 3))) / 4,
        }));
        const eventTime = new Date(begin + sequence * period).toISOString();
        return `${JSON.stringify({ asset, eventTime, sequence, source: 'plc', measurements })}\n`;
      });
      return appendFile(file, lines.join(''));
    };

    await pipeline.role('process', 'process', '--process', plant, '--steps', 'validate');
    const source = await pipeline.role('source', 'source', 'tail', '--process', plant, '--file', file);
    for (let kill = 0; kill < kills; kill++) {
      const before = await written();
      await give(perLife);
      await waitFor(async () => (await written()) > before, 'the middle of the work', 60_000);
      const pid = await waitFor(() => source.pid(), 'a running source');
      process.kill(pid, 'SIGKILL');
      await give(whileDead);
      await waitFor(() => source.pid() !== undefined && source.pid() !== pid, 'the next life', 60_000);
    }
    await give(1);

    const expected = Array.from({ length: all }, (_, index) => index + 1);
    const validated = await waitFor(
      async () => {
        const values = await valuesOf('validatedReadings');
        return values.length >= all && values;
      },
      'all readings validated',
      120_000,
    );
    assert.deepEqual(
      validated.map((value) => value.sequence),
      expected,
    );
    const published = (await valuesOf('sensorReadings')).map((value) => value.sequence);
    assert.deepEqual([...new Set(published)], expected, 'in the order of the file');
    const rejected = await waitFor(async () => {
      const refused = (await valuesOf('rejectedReadings')).filter(({ dropped }) => dropped);
      return refused.length === published.length - all && refused;
    }, 'all repeats refused');
    for (const { rejections } of rejected) assert.equal(rejections[0]?.reason, 'DUPLICATE');

    const detail = await waitFor(() => source.status()?.detail, 'a status');
    const { health } = detail as { readonly health: LiveHealth };
    assert.match(health.position ?? '', /^line \d+, byte \d+$/);
  });
});
