/**
 * The `process` role without transactions, to measure what transactions cost. An idempotent producer sends outputs and
 * changelogs; the offsets of sent records are committed every second. After a crash, one second would be processed twice.
 */
import { readConfig } from '../../roles/config.ts';
import { openKafkaFor } from '../../roles/connections.ts';
import { openDefinition } from '../../roles/open-definition.ts';
import { runRole } from '../../roles/role.ts';
import { startProcessRole } from '../../roles/process.ts';
import type { GroupOffsets, TransactionalProducer, Transport } from '../../stream/index.ts';

const commitEveryMs = 1_000;

function withoutTransactions(transport: Transport): Transport {
  return {
    consume: (options) => transport.consume(options),
    producer: () => transport.producer(),
    read: (partition, each) => transport.read(partition, each),
    partitionCount: (topic) => transport.partitionCount(topic),
    endOffsets: (topic) => transport.endOffsets(topic),
    describeTopics: (topics) => transport.describeTopics(topics),
    committedOffsets: (group, topic) => transport.committedOffsets(group, topic),
    committedPositions: (group, topics) => transport.committedPositions(group, topics),
    beginningOffsets: (topic) => transport.beginningOffsets(topic),
    close: () => transport.close(),
    async transactionalProducer(id): Promise<TransactionalProducer> {
      const offsets = await transport.transactionalProducer(id);
      const records = await transport.producer();
      const waiting = new Map<string, GroupOffsets>();
      let committing = Promise.resolve();
      const commit = (): void => {
        if (waiting.size === 0) return;
        const commits = [...waiting.values()];
        waiting.clear();
        committing = committing.then(() => offsets.transact([], commits));
      };
      const timer = setInterval(commit, commitEveryMs);
      return {
        async transact(batch, commits) {
          await records.send(batch);
          for (const commit of commits)
            waiting.set(`${commit.group} ${commit.offsets.map(({ topic }) => topic).join()}`, commit);
        },
        async close() {
          clearInterval(timer);
          commit();
          await committing;
          await Promise.all([offsets.close(), records.close()]);
        },
      };
    },
  };
}

const { plant, steps } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly plant: { readonly process: string; readonly cells: number };
  readonly steps: readonly ('validate' | 'features')[];
};
const definition = openDefinition(plant);
await runRole('process', readConfig(), async (context) => {
  const kafka = await openKafkaFor('process', context);
  const transport = withoutTransactions(kafka.transport);
  return startProcessRole({ kafka: { ...kafka, transport }, definition, steps }, context);
});
