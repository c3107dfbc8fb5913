/** Compares every topic that steps write, record for record, with the offline oracle. */
import { outputTopics } from '../processors/topology.ts';
import type { Kafka } from '../roles/connections.ts';
import type { Oracle } from './oracle.ts';
import { readWhatIsLeft } from './read-topic.ts';
import type { Scope } from './scope.ts';

export interface TopicsDifference {
  /** One sentence per difference. */
  readonly differences: readonly string[];
  /** Records on a topic more often than they should be. */
  readonly duplicates: number;
  readonly missing: number;
  /** Duplicates, and records that the oracle did not expect. */
  readonly extra: number;
}

/** Call this once per oracle: it takes the records it finds out of the oracle's multisets. */
export async function compareTopics(
  { transport, topics }: Pick<Kafka, 'transport' | 'topics'>,
  oracle: Pick<Oracle, 'topics'>,
  scope: Scope,
): Promise<TopicsDifference> {
  const differences: string[] = [];
  let duplicates = 0;
  let missing = 0;
  let extra = 0;
  for (const topic of outputTopics) {
    const multiset = oracle.topics[topic];
    for await (const { partition, records } of readWhatIsLeft(transport, topics[topic])) {
      if (scope.topic(topic, partition) === 'nothing') continue;
      for (const { value } of records) if (value !== null) multiset.find(value);
    }
    const difference = multiset.difference();
    duplicates += difference.duplicates;
    missing += difference.lost;
    extra += difference.duplicates + difference.unexpected;
    if (difference.lost > 0)
      differences.push(`${topics[topic]}: processed less than generated: ${difference.lost} missing`);
    if (difference.duplicates > 0)
      differences.push(`${topics[topic]}: processed more than generated: ${difference.duplicates} repeated`);
    if (difference.unexpected > 0)
      differences.push(`${topics[topic]}: ${difference.unexpected} not expected by the oracle`);
  }
  return { differences, duplicates, missing, extra };
}
