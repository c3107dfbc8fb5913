/**
 * Gives kafkajs our assignment as a partition assigner: co-partitioned, and only to the members of one edition. A member
 * says its edition in the user data of its subscription.
 */
import kafkajs, { type Assigner, type Cluster } from 'kafkajs';
import { assignCoPartitioned } from '../assignment.ts';
import { decodeEdition, encodeEdition, membersAtWork, type Edition } from '../edition.ts';

const name = 'castwatch-co-partitioned';
const version = 1;
const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;

export const coPartitionedAssigner = (
  cluster: Pick<Cluster, 'findTopicPartitionMetadata'>,
  edition: Edition | undefined,
): Assigner => ({
  name,
  version,
  assign: ({ members, topics }) => {
    const byTopic = topics.map((topic) => ({
      topic,
      partitions: cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
    }));
    const said = members.map(({ memberId, memberMetadata }) => ({
      memberId,
      edition: editionIn(memberMetadata),
    }));
    const assignment = assignCoPartitioned(
      membersAtWork(said).map(({ memberId }) => memberId),
      byTopic,
    );
    return Promise.resolve(
      members.map(({ memberId }) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({
          version,
          assignment: assignment.get(memberId) ?? {},
          userData: Buffer.alloc(0),
        }),
      })),
    );
  },
  protocol: ({ topics }) => ({
    name,
    metadata: MemberMetadata.encode({ version, topics, userData: encodeEdition(edition) }),
  }),
});

/** @param metadata of a member's subscription, as the group's coordinator keeps it */
export function editionIn(metadata: Buffer): Edition | undefined {
  try {
    return decodeEdition(MemberMetadata.decode(metadata)?.userData);
  } catch {
    return undefined; // while the group rebalances, the coordinator shows no metadata
  }
}
