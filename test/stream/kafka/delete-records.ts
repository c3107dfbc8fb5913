/** Deletes records as retention does. kafkajs' own admin does not find the node that has to do it. */
import type { Kafka } from 'kafkajs';
import { ClusterView } from '../../../stream/kafka/cluster.ts';
import { Nodes } from '../../../stream/kafka/nodes.ts';
import { WireWriter } from '../../../stream/kafka/protocol/wire.ts';

const timeout = 10_000; // ms

/** Deletes what lies before the offset in a partition. */
export async function deleteRecords(
  kafka: Kafka,
  topic: string,
  partition: number,
  offset: number,
): Promise<void> {
  const cluster = new ClusterView(kafka);
  const leaders = await cluster.leaders(topic);
  const nodes = new Nodes(cluster);
  const writer = new WireWriter();
  writer.array([topic], () => {
    writer.string(topic).array([offset], () => writer.int32(partition).int64(offset).noTags());
    writer.noTags();
  });
  await nodes.send(leaders[partition] ?? 0, {
    ...{ apiKey: 21, apiVersion: 2, apiName: 'DeleteRecords' },
    body: [writer.int32(timeout).noTags().written],
    parse: () => undefined,
  });
  await nodes.close();
  await cluster.close();
}
