/** OffsetFetch: what a group has committed. */
import type { CommittedByTopic, CommittedPosition } from '../../transport.ts';
import { ProtocolError } from './error-codes.ts';
import type { Request } from './request.ts';
import { WireWriter, type WireReader } from './wire.ts';

/**
 * Asks for everything that the group has committed. A request that names partitions would need the metadata of the topics,
 * and with metadata that lacks a topic the answer looks as if nothing had been committed.
 */
export function fetchCommitted(group: string): Request<CommittedByTopic> {
  const allTopics = 0; // a null array
  const writer = new WireWriter().uvarint(2).string(group).uvarint(allTopics).noTags();
  const stableOnly = 0; // an offset of a transaction under way is not committed: the one before it is the answer
  return {
    apiKey: 9,
    apiVersion: 8,
    apiName: 'OffsetFetch',
    body: [writer.int8(stableOnly).noTags().written],
    parse: (reader) => {
      reader.int32(); // throttle time
      const [answer] = reader.array(readGroup);
      if (answer?.group !== group) throw new Error(`the answer to OffsetFetch lacks the group ${group}`);
      if (answer.errorCode !== 0) throw new ProtocolError(answer.errorCode, `OffsetFetch of ${group}`);
      return answer.topics;
    },
  };
}

interface GroupAnswer {
  readonly group: string;
  readonly topics: CommittedByTopic;
  readonly errorCode: number;
}

function readGroup(reader: WireReader): GroupAnswer {
  const group = reader.string();
  const topics = new Map(reader.array(readTopic));
  const errorCode = reader.int16();
  reader.tags();
  return { group, topics, errorCode };
}

function readTopic(reader: WireReader): [string, ReadonlyMap<number, CommittedPosition>] {
  const topic = reader.string();
  const positions = new Map<number, CommittedPosition>();
  reader.array(() => {
    const partition = reader.int32();
    const offset = reader.int64();
    reader.int32(); // leader's epoch
    const note = reader.string();
    const errorCode = reader.int16();
    reader.tags();
    if (errorCode !== 0) throw new ProtocolError(errorCode, `OffsetFetch of ${topic}/${partition}`);
    if (offset >= 0) positions.set(partition, { offset, note });
  });
  reader.tags();
  return [topic, positions];
}
