/** Gives kafkajs our co-partitioning assignment as a partition assigner. */
import kafkajs, { type PartitionAssigner } from 'kafkajs';
import { assignCoPartitioned } from '../assignment.ts';

const name = 'castwatch-co-partitioned';
const version = 1;

export const coPartitionedAssigner: PartitionAssigner = ({ cluster }) => ({
  name,
  version,
  assign: ({ members, topics }) => {
    const byTopic = topics.map((topic) => ({
      topic,
      partitions: cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
    }));
    const assignment = assignCoPartitioned(
      members.map(({ memberId }) => memberId),
      byTopic,
    );
    return Promise.resolve(
      [...assignment].map(([memberId, partitions]) => ({
        memberId,
        memberAssignment: kafkajs.AssignerProtocol.MemberAssignment.encode({
          version,
          assignment: partitions,
          userData: Buffer.alloc(0),
        }),
      })),
    );
  },
  protocol: ({ topics }) => ({
    name,
    metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({ version, topics, userData: Buffer.alloc(0) }),
  }),
});
