/** Counts the records that each step and the sink have still to process. */
import type { Pool } from 'pg';
import { inputTopics, stepNames, type StepName } from '../processors/topology.ts';
import { storedTopics, type TopicNames } from '../schemas/catalogue.ts';
import { readPositions } from '../sinks/timescale/writing/positions.ts';
import { lagOf, type Transport } from '../stream/index.ts';
import { sinkGroup, stepGroup } from '../roles/shared-names.ts';

export interface Lag {
  /** A step's name, or `sink`. */
  readonly reader: string;
  readonly topic: string;
  /** Records that are not processed yet. Transaction markers are counted too. */
  readonly records: number;
}

export interface LagSources {
  readonly transport: Transport;
  readonly topics: TopicNames;
  readonly prefix: string;
  /** Undefined: the sink is left out. */
  readonly pool: Pool | undefined;
}

/** The lag of a step on each of its inputs. */
export const stepLag = (
  { transport, prefix, topics }: Omit<LagSources, 'pool'>,
  step: StepName,
): Promise<readonly Lag[]> =>
  Promise.all(
    inputTopics(step).map(async (input) => {
      const topic = topics[input];
      const committed = await transport.committedOffsets(stepGroup(prefix, step), topic);
      return topicLag(transport, step, topic, (partition) => committed.get(partition));
    }),
  );

export async function sinkLag({ transport, topics, prefix, pool }: LagSources): Promise<readonly Lag[]> {
  if (pool === undefined) return [];
  const stored = new Map<string, number>();
  for (const { topic, partition, nextOffset } of await readPositions(pool, sinkGroup(prefix)))
    stored.set(`${topic}/${partition}`, nextOffset);
  return Promise.all(
    storedTopics.map((id) => {
      const topic = topics[id];
      return topicLag(transport, 'sink', topic, (partition) => stored.get(`${topic}/${partition}`));
    }),
  );
}

/** All lags in the order in which data flows: once the readers before it are at 0, a reader at 0 stays there. */
export async function allLag(sources: LagSources): Promise<readonly Lag[]> {
  const lags: Lag[] = [];
  for (const step of stepNames) lags.push(...(await stepLag(sources, step)));
  return [...lags, ...(await sinkLag(sources))];
}

/**
 * Asks for the end of the topic after the positions were read; otherwise a position could be beyond it.
 * @param position the reader's next offset; undefined before its first commit
 */
async function topicLag(
  transport: Transport,
  reader: string,
  topic: string,
  position: (partition: number) => number | undefined,
): Promise<Lag> {
  const progress = [...(await transport.beginningOffsets(topic))].map(([partition, beginning]) => ({
    ...{ group: reader, topic, partition },
    committed: position(partition) ?? beginning,
  }));
  const [lag] = await lagOf(transport, progress);
  return { reader, topic, records: lag?.records ?? 0 };
}
