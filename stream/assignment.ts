/**
 * Decides which group member gets which partition. Partition p of every topic goes to the same member, so that a task
 * finds all inputs of its keys in one place (co-partitioning, as Kafka Streams' assignor does it).
 */
export interface PartitionsByTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** Returns member id → topic → partitions. The same members and topics always give the same answer. */
export function assignCoPartitioned(
  memberIds: readonly string[],
  topics: readonly PartitionsByTopic[],
): Map<string, Record<string, number[]>> {
  const members = [...memberIds].sort();
  const assignment = new Map<string, Record<string, number[]>>(members.map((member) => [member, {}]));
  if (members.length === 0) return assignment;
  for (const { topic, partitions } of topics) {
    for (const partition of [...partitions].sort((a, b) => a - b)) {
      const byTopic = assignment.get(members[partition % members.length] ?? '');
      if (byTopic !== undefined) (byTopic[topic] ??= []).push(partition);
    }
  }
  return assignment;
}
