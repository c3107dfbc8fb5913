/** A rig on a broker in memory. */
import { MemoryBroker, MemoryTransport } from '../../../stream/index.ts';
import type { Rig } from '../harness.ts';

export function memoryRig(broker = new MemoryBroker()): Rig {
  let names = 0;
  return {
    transport: new MemoryTransport(broker),
    createTopics: (topics) => {
      for (const { name, partitions } of topics) broker.createTopic(name, partitions);
      return Promise.resolve();
    },
    deleteBefore: (topic, partition, offset) => {
      broker.log({ topic, partition }).deleteBefore(offset);
      return Promise.resolve();
    },
    recreate: ({ name, partitions }) => {
      broker.deleteTopic(name);
      broker.createTopic(name, partitions);
      return Promise.resolve();
    },
    addPartitions: (topic, partitions) => {
      broker.addPartitions(topic, partitions);
      return Promise.resolve();
    },
    name: (base) => `${base}-${++names}`,
  };
}
