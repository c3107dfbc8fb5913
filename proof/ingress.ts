/** Checks that the input topics contain the records of the source, in the same order per key. */
import { sourceTopics } from '../processors/topology.ts';
import { partitionForKey } from '../stream/index.ts';
import { keyOf, type Replayable, type SourceRecord } from '../sources/source.ts';
import type { Kafka } from '../roles/connections.ts';
import { digest } from './multiset.ts';
import { readWhatIsLeft } from './read-topic.ts';

/** The end offset of each partition of the input topics before a source began, by `topic/partition`. */
export type Marks = ReadonlyMap<string, number>;

/** One run of a source: the source, to read again, and where its records begin on the topics. */
export interface SourceRun {
  readonly source: Replayable;
  /** From the beginning of the topics when left out. */
  readonly since?: Marks;
}

export interface IngressDifference {
  /** Records of the source that are not on the topic. */
  readonly missing: number;
  /** Records that are on the topic again: a producer may repeat a request. */
  readonly repeated: number;
  /** Records on the topic that are not from the source. */
  readonly unexpected: number;
}

export async function markTopics({ transport, topics }: Pick<Kafka, 'transport' | 'topics'>): Promise<Marks> {
  const marks = new Map<string, number>();
  for (const id of sourceTopics)
    for (const [partition, end] of await transport.endOffsets(topics[id]))
      marks.set(`${topics[id]}/${partition}`, end);
  return marks;
}

/**
 * Assumes that the feeds ran one after another, and that nothing else wrote since the first began. Where the broker has deleted
 * records, a key is compared from the first record on that is left of it.
 */
export async function compareIngress(
  kafka: Pick<Kafka, 'transport' | 'serde' | 'topics'>,
  feeds: readonly SourceRun[],
): Promise<IngressDifference> {
  const given = new Map<string, string[]>();
  const encode = encoder(kafka);
  for (const { source } of feeds)
    for await (const batch of source)
      for (const record of batch) {
        const key = `${record.topic} ${keyOf(record)}`;
        const list = given.get(key) ?? [];
        if (list.length === 0) given.set(key, list);
        list.push(digest(encode(record)));
      }
  const total = { missing: 0, repeated: 0, unexpected: 0 };
  const cut = new Set<string>();
  const seen = new Map<string, { next: number; digests: Set<string> }>();
  const since = feeds[0]?.since;
  for (const id of sourceTopics) {
    const beginnings = await kafka.transport.beginningOffsets(kafka.topics[id]);
    for await (const { partition, records } of readWhatIsLeft(kafka.transport, kafka.topics[id])) {
      const isCut = (beginnings.get(partition) ?? 0) > 0;
      if (isCut) cut.add(`${id}/${partition}`);
      const from = since?.get(`${kafka.topics[id]}/${partition}`) ?? 0;
      for (const { offset, key, value } of records) {
        if (offset < from || value === null) continue;
        const name = `${id} ${key?.toString() ?? ''}`;
        const found = digest(value);
        let place = seen.get(name);
        if (place === undefined) {
          const first = isCut ? Math.max(0, given.get(name)?.indexOf(found) ?? 0) : 0;
          place = { next: first, digests: new Set(given.get(name)?.slice(0, first)) };
          seen.set(name, place);
        }
        if (given.get(name)?.[place.next] === found) {
          place.next += 1;
          place.digests.add(found);
        } else if (place.digests.has(found)) total.repeated += 1;
        else total.unexpected += 1;
      }
    }
  }
  const partitions = await kafka.transport.partitionCount(kafka.topics.sensorReadings);
  for (const [name, list] of given) {
    const place = seen.get(name);
    const [id, key] = splitName(name);
    // All of its records may have been deleted.
    if (place === undefined && cut.has(`${id}/${partitionForKey(key, partitions)}`)) continue;
    total.missing += list.length - (place?.next ?? 0);
  }
  return total;
}

/** The id of the topic, and the key, which may have spaces in it. */
const splitName = (name: string): readonly [string, string] => {
  const space = name.indexOf(' ');
  return [name.slice(0, space), name.slice(space + 1)];
};

function encoder({ serde }: Pick<Kafka, 'serde'>): (record: SourceRecord) => Buffer {
  return (record) => (record.value === null ? record.bytes : serde.codec(record.topic).encode(record.value));
}
