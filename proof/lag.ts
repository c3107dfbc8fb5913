/** Counts the records that each step and the sink have still to process. */
import type { Pool } from 'pg';
import { inputTopics, stepNames, type StepName } from '../processors/topology.ts';
import { storedTopics, type TopicNames } from '../schemas/catalogue.ts';
import { readPositions } from '../sinks/timescale/writing/positions.ts';
import type { Transport } from '../stream/index.ts';
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
export const stepLag = (sources: Omit<LagSources, 'pool'>, step: StepName): Promise<readonly Lag[]> =>
  Promise.all(inputTopics(step).map((input) => inputLag(sources, step, sources.topics[input])));

async function inputLag(
  { transport, prefix }: Omit<LagSources, 'pool'>,
  step: StepName,
  topic: string,
): Promise<Lag> {
  // Commits first, ends second: otherwise a commit could be beyond the end that was read.
  const committed = await transport.committedOffsets(stepGroup(prefix, step), topic);
  const [ends, beginnings] = await Promise.all([
    transport.endOffsets(topic),
    transport.beginningOffsets(topic),
  ]);
  return {
    reader: step,
    topic,
    records: behind(ends, (partition) => committed.get(partition) ?? beginnings.get(partition) ?? 0),
  };
}

export async function sinkLag({ transport, topics, prefix, pool }: LagSources): Promise<readonly Lag[]> {
  if (pool === undefined) return [];
  const stored = new Map<string, number>();
  for (const { topic, partition, nextOffset } of await readPositions(pool, sinkGroup(prefix)))
    stored.set(`${topic}/${partition}`, nextOffset);
  return Promise.all(
    storedTopics.map(async (id) => {
      const topic = topics[id];
      const [ends, beginnings] = await Promise.all([
        transport.endOffsets(topic),
        transport.beginningOffsets(topic),
      ]);
      return {
        reader: 'sink',
        topic,
        records: behind(
          ends,
          (partition) => stored.get(`${topic}/${partition}`) ?? beginnings.get(partition) ?? 0,
        ),
      };
    }),
  );
}

/** All lags in the order in which data flows: once the readers before it are at 0, a reader at 0 stays there. */
export async function allLag(sources: LagSources): Promise<readonly Lag[]> {
  const lags: Lag[] = [];
  for (const step of stepNames) lags.push(...(await stepLag(sources, step)));
  return [...lags, ...(await sinkLag(sources))];
}

function behind(ends: ReadonlyMap<number, number>, position: (partition: number) => number): number {
  let sum = 0;
  for (const [partition, end] of ends) sum += Math.max(0, end - position(partition));
  return sum;
}
