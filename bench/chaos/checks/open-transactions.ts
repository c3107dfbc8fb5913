/** Checks whether a transaction is open, in Kafka and in the database, so that a fault can be injected inside it. */
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import type { Pool } from 'pg';
import { sinkGroup } from '../../../roles/shared-names.ts';
import { entries, type StepName } from '../../../processors/topology.ts';
// Only this file looks into a broker's open transactions, so it alone uses kafkajs' private connections.
// eslint-disable-next-line no-restricted-imports
import { createCluster, readCommitted } from '../../../stream/kafka/internals.ts';
import type { TopicId, TopicNames } from '../../../schemas/catalogue.ts';
import type { ReaderName } from '../rig/fleet.ts';
import type { Member } from '../rig/fleet-member.ts';

/** The topic to which a step writes with every batch, in the partition that it reads: its changelog, or else its output. */
function writtenBy(step: StepName): TopicId {
  const { state, outputs } = entries[step];
  const topic = state?.changelog ?? Object.values(outputs)[0];
  if (topic === undefined) throw new Error(`the step ${step} writes nothing`);
  return topic;
}

/** A transaction that stays open for this long while the process is stopped belongs to that process. */
const settleMs = 40;
const mostTries = 150;

export class OpenTransactions {
  readonly #kafka: kafkajs.Kafka;
  readonly #topics: TopicNames;
  readonly #pool: Pool;
  readonly #prefix: string;

  constructor(brokers: readonly string[], topics: TopicNames, prefix: string, pool: Pool) {
    this.#kafka = new kafkajs.Kafka({
      brokers: [...brokers],
      clientId: 'chaos',
      logLevel: kafkajs.logLevel.NOTHING,
    });
    this.#topics = topics;
    this.#pool = pool;
    this.#prefix = prefix;
  }

  /**
   * Stops the member (SIGSTOP) at a moment when it has a transaction open.
   * @returns false when no try met one; the member then continues to run
   */
  async pauseInside(member: Member, pauseBetween: () => number): Promise<boolean> {
    for (let attempt = 0; attempt < mostTries; attempt++) {
      member.pause();
      await sleep(settleMs);
      if (await this.#isOpen(member)) return true;
      member.resume();
      await sleep(pauseBetween());
    }
    return false;
  }

  #isOpen(member: Member): Promise<boolean> {
    const reader = member.reader as ReaderName;
    if (reader === 'sink') return this.#inDatabase();
    return this.#onTopic(this.#topics[writtenBy(reader)], member.partitions.map(Number));
  }

  /** Looks for a backend that waits for its client in mid-transaction. The running sinks stay there only briefly. */
  async #inDatabase(): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `SELECT FROM pg_stat_activity WHERE application_name = $1 AND state = 'idle in transaction'
          AND datname = current_database() AND now() - state_change > interval '30 ms'`,
      [`castwatch-${sinkGroup(this.#prefix)}`],
    );
    return rowCount !== 0;
  }

  /** Checks whether the last stable offset is below the end offset. */
  async #onTopic(topic: string, partitions: readonly number[]): Promise<boolean> {
    const cluster = createCluster(this.#kafka);
    await cluster.connect();
    try {
      await cluster.addTargetTopic(topic);
      const [ends] = await cluster.fetchTopicsOffset([
        { topic, fromBeginning: false, partitions: partitions.map((partition) => ({ partition })) },
      ]);
      for (const { partition, offset } of ends?.partitions ?? []) {
        const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
        if (nodeId === undefined) continue;
        const broker = await cluster.findBroker({ nodeId });
        const { responses } = await broker.fetch({
          isolationLevel: readCommitted,
          maxWaitTime: 0,
          minBytes: 0,
          maxBytes: 1,
          topics: [{ topic, partitions: [{ partition, fetchOffset: offset, maxBytes: 1 }] }],
        });
        const fetched = responses[0]?.partitions[0];
        if (fetched !== undefined && Number(fetched.lastStableOffset) < Number(fetched.highWatermark))
          return true;
      }
      return false;
    } finally {
      await cluster.disconnect();
    }
  }
}
