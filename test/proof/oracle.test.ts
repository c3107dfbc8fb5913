import assert from 'node:assert/strict';
import { bundlesFolder } from '../../models/bundle/champion-file.ts';
import { outputTopics } from '../../processors/topology.ts';
import { championAlone } from '../../processors/predict/predictor.ts';
import type { Answerers } from '../../proof/answerers.ts';
import { compareTopics } from '../../proof/compare-topics.ts';
import { runOracle } from '../../proof/oracle.ts';
import { Lacks } from '../../proof/lacks.ts';
import { Scope } from '../../proof/scope.ts';
import { topicNames } from '../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../schemas/registry/serde.ts';
import { MemoryBroker, MemoryTransport } from '../../stream/index.ts';
import { small } from '../processors/support.ts';

describe('the oracle', () => {
  const topics = topicNames();
  const answerers: Answerers = {
    of: () => championAlone(undefined),
    entries: [],
    strangers: [],
    close: () => Promise.resolve(),
  };

  for (const topic of outputTopics)
    it(`notices a record on ${topic} that does not follow from the inputs`, async () => {
      const broker = new MemoryBroker();
      for (const name of Object.values(topics)) broker.createTopic(name, 1);
      const kafka = { transport: new MemoryTransport(broker), serde: serdeWithoutRegistry(), topics };
      const leftOut = { scope: new Scope(1), lacks: new Lacks() };
      const oracle = await runOracle(kafka, small, answerers, bundlesFolder, leftOut);
      broker.send([{ topic: topics[topic], partition: 0, key: 'x', value: Buffer.from('stray') }]);
      const { extra, differences } = await compareTopics(kafka, oracle, leftOut.scope);
      assert.equal(extra, 1);
      assert.deepEqual(differences, [`${topics[topic]}: 1 not expected by the oracle`]);
    });
});
