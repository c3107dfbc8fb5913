/** A small run of the benchmark: that all contenders give what the oracle says, whatever time they take. */
import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../../base/retry.ts';
import { runTimeout, startRig, type Rig } from '../../../bench/measuring/rig.ts';
import { castwatch } from '../../../bench/contenders/castwatch.ts';
import { kafkaStreams, tunedStreams } from '../../../bench/contenders/kafka-streams.ts';
import { quixStreams } from '../../../bench/contenders/quix-streams.ts';
import { checkOutputs } from '../../../bench/measuring/expectation.ts';
import { measureThroughput } from '../../../bench/measuring/backlog-throughput.ts';
import type { Contender, Run } from '../../../bench/contenders/contender.ts';
import { stepLag } from '../../../proof/lag.ts';
import { seed } from '../../support/seed.ts';

describe('a small run of the benchmark', function () {
  this.timeout(240_000);
  const [warmUp, records] = [1_500, 4_000];
  const inPython = quixStreams('quix-streams', 'Quix Streams', { warmUp, records });
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
    inPython,
  ])
    it(`finds the outputs of ${contender.title} equal to the oracle's, byte for byte`, async function () {
      await skipUnlessPrepared(this, contender);
      const result = await measureThroughput(contender, { rig, warmUp, records, say: () => undefined });
      for (const { topic, expected, agrees, ...counts } of result.checks) {
        assert.ok(agrees, `${topic}: ${JSON.stringify(counts)}`);
        assert.ok(expected > 0, `nothing was expected on ${topic}`);
      }
      assert.equal(result.records, records - warmUp);
    });

  it('finds them equal when Quix Streams loses its disk in between and restores its changelogs', async function () {
    await skipUnlessPrepared(this, inPython);
    const run = await rig.openRun('quix-streams-restarted');
    const workOff = async (from: number, to: number): Promise<void> => {
      await rig.loader.fill({ prefix: run.kafka.prefix, from, to });
      const running = await inPython.start(run);
      await until('the end of the backlog', () => running.isDone(), runTimeout);
      await running.stop();
    };
    try {
      await workOff(0, warmUp);
      rmSync(join(run.folder, 'quix-streams'), { recursive: true });
      await workOff(warmUp, records);
      for (const check of await checkOutputs(run.kafka, rig.expectation, records))
        assert.ok(check.agrees, JSON.stringify(check));
    } finally {
      await run.close();
    }
  });

  it('computes the expected outputs of a shorter run with a shorter warm-up', async () => {
    const contender = castwatch('castwatch', 'Castwatch', [['validate', 'features']]);
    const counts = { warmUp: warmUp / 2, records: records / 2 };
    const result = await measureThroughput(contender, { rig, ...counts, say: () => undefined });
    assert.ok(result.agrees, JSON.stringify(result.checks));
    assert.equal(result.records, counts.records - counts.warmUp);
  });

  it('reports a missing output', async () => {
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

/** For what needs a program that not every machine has. */
async function skipUnlessPrepared(context: Mocha.Context, contender: Contender): Promise<void> {
  const prepared = (await contender.prepare?.(() => undefined)) ?? { ready: true };
  if (prepared.ready) return;
  process.stdout.write(`      skipped: ${contender.title}: ${prepared.why}\n`);
  context.skip();
}

const hasValidated = async ({ kafka }: Run): Promise<boolean> =>
  (await stepLag(kafka, 'validate')).every(({ records }) => records === 0);
