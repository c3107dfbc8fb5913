/** Finds the records that steps and the sink could not have, because they no longer existed. */
import type { Pool } from 'pg';
import { stepNames, type StepName } from '../processors/topology.ts';
import { topicsOf } from '../processors/wiring.ts';
import type { Kafka } from '../roles/connections.ts';
import { application, sinkGroup } from '../roles/shared-names.ts';
import { readGaps } from '../sinks/timescale/writing/positions.ts';
import { describeGap, listGaps, type Gap, type TopicPartition } from '../stream/index.ts';

export interface MissingRecords {
  readonly reader: StepName | 'sink';
  readonly source: TopicPartition;
  readonly gap: Gap;
}

/** @param pool undefined: the sink is left out */
export async function findMissing(
  { transport, topics, prefix }: Pick<Kafka, 'transport' | 'topics' | 'prefix'>,
  pool: Pool | undefined,
): Promise<readonly MissingRecords[]> {
  const ofSteps = stepNames.map(async (reader): Promise<MissingRecords[]> => {
    const steps = [topicsOf(reader, topics)];
    const gaps = await listGaps({ transport, application: application(prefix), steps });
    return gaps.map(({ source, gap }) => ({ reader, source, gap }));
  });
  const ofSink = pool === undefined ? [] : await readGaps(pool, sinkGroup(prefix));
  return [
    ...(await Promise.all(ofSteps)).flat(),
    ...ofSink.map(({ gap, topic, partition }) => ({
      reader: 'sink' as const,
      source: { topic, partition },
      gap,
    })),
  ];
}

/** One sentence, with the range of offsets. */
export const describeMissing = ({ reader, source, gap }: MissingRecords): string =>
  describeGap(reader === 'sink' ? 'the sink' : reader, source, gap);
