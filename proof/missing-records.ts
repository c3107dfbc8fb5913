/** Finds the records that steps and the sink could not have, because they no longer existed. */
import type { Pool } from 'pg';
import { stepNames } from '../processors/topology.ts';
import { topicsOf } from '../processors/wiring.ts';
import type { Kafka } from '../roles/connections.ts';
import { application, sinkGroup } from '../roles/shared-names.ts';
import { readGaps } from '../sinks/timescale/writing/positions.ts';
import { describeGap, listGaps } from '../stream/index.ts';

/**
 * One sentence per gap, with the range of offsets.
 * @param pool undefined: the sink is left out
 */
export async function findMissing(
  { transport, topics, prefix }: Pick<Kafka, 'transport' | 'topics' | 'prefix'>,
  pool: Pool | undefined,
): Promise<readonly string[]> {
  const steps = stepNames.map((step) => topicsOf(step, topics));
  const ofSteps = await listGaps({ transport, application: application(prefix), steps });
  const ofSink = pool === undefined ? [] : await readGaps(pool, sinkGroup(prefix));
  return [
    ...ofSteps.map(({ step, source, gap }) => describeGap(step, source, gap)),
    ...ofSink.map(({ gap, ...source }) => describeGap('the sink', source, gap)),
  ];
}
