/** A small run of the benchmark: that both contenders give what the oracle says, whatever time they take. */
import { strict as assert } from 'node:assert';
import { castwatch } from '../../bench/contenders/castwatch.ts';
import { kafkaStreams, tunedStreams } from '../../bench/contenders/kafka-streams.ts';
import { startRig, type Rig } from '../../bench/rig.ts';
import { measureThroughput } from '../../bench/throughput.ts';
import type { Run } from '../../bench/contenders/contender.ts';
import { stepLag } from '../../cli/lag.ts';
import { seed } from '../support/seed.ts';

describe('the benchmark, in small', function () {
  this.timeout(240_000);
  const [warmUp, records] = [1_500, 4_000];
  let rig: Rig;

  before(async () => {
    rig = await startRig({
      plant: { process: 'processes/casting.yaml', cells: 12 },
      ...{ records, seed: String(seed), split: warmUp, parts: ['kafka', 'registry'], shortLived: true },
      say: () => undefined,
    });
  });
  after(async () => {
    await rig.stop();
  });

  for (const contender of [
    castwatch('castwatch', 'Castwatch', [['validate', 'features']]),
    kafkaStreams('kafka-streams', 'Kafka Streams', tunedStreams),
    kafkaStreams('kafka-streams-store', 'Kafka Streams with its own store', {
      ...tunedStreams,
      store: 'in-memory',
    }),
  ])
    it(`finds the outputs of ${contender.title} equal to the oracle's, byte for byte`, async () => {
      const result = await measureThroughput(contender, { rig, warmUp, records, say: () => undefined });
      for (const { topic, expected, agrees, ...counts } of result.checks) {
        assert.ok(agrees, `${topic}: ${JSON.stringify(counts)}`);
        assert.ok(expected > 0, `nothing was expected on ${topic}`);
      }
      assert.equal(result.records, records - warmUp);
    });

  it('says so when an output is missing', async () => {
    const contender = castwatch('castwatch', 'Castwatch', [['validate']]);
    const result = await measureThroughput(
      {
        ...contender,
        start: async (run) => ({ ...(await contender.start(run)), isDone: () => hasValidated(run) }),
      },
      { rig, warmUp, records, say: () => undefined },
    );
    assert.equal(result.agrees, false);
    assert.deepEqual(
      result.checks.filter(({ agrees }) => !agrees).map(({ topic }) => topic),
      ['features'],
    );
  });
});

const hasValidated = async ({ kafka }: Run): Promise<boolean> =>
  (await stepLag(kafka, 'validate')).every(({ records }) => records === 0);
