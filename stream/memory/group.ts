/** A consumer group in memory: its members, and an eager rebalance whenever they change. */
import { assignCoPartitioned } from '../assignment.ts';
import { editionBefore, membersAtWork, type Edition } from '../edition.ts';
import type { TopicPartition } from '../transport.ts';
import type { MemoryBroker } from './broker.ts';
import type { MemoryMember } from './member.ts';

export class MemoryGroup {
  readonly #broker: MemoryBroker;
  readonly #members = new Map<string, MemoryMember>();
  #joined = 0;

  constructor(broker: MemoryBroker) {
    this.#broker = broker;
  }

  /** @returns the member's id */
  join(member: MemoryMember): string {
    this.#joined += 1;
    const id = `member-${String(this.#joined).padStart(6, '0')}`;
    this.#members.set(id, member);
    this.#rebalance();
    return id;
  }

  leave(id: string): void {
    if (this.#members.delete(id)) this.#rebalance();
  }

  #rebalance(): void {
    const topics = new Set([...this.#members.values()].flatMap((member) => member.topics));
    const byTopic = [...topics].map((topic) => ({
      topic,
      partitions: this.#broker.partitions(topic).map((_, partition) => partition),
    }));
    const members = [...this.#members].map(([id, member]) => ({ id, member, edition: member.edition }));
    const atWork = membersAtWork(members);
    const assignment = assignCoPartitioned(
      atWork.map(({ id }) => id),
      byTopic,
    );
    for (const { id, member } of members)
      member.assign(toPartitions(assignment.get(id) ?? {}), editionBefore(member.edition, editions(members)));
  }
}

const editions = (members: readonly { readonly edition: Edition | undefined }[]): (Edition | undefined)[] =>
  members.map(({ edition }) => edition);

const toPartitions = (byTopic: Record<string, number[]>): TopicPartition[] =>
  Object.entries(byTopic).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
