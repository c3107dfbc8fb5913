/** Metadata: what a broker knows about topics. Topics have ids since version 10 (KIP-516). */
import type { TopicFacts } from '../../transport.ts';
import { ProtocolError } from './error-codes.ts';
import type { Request } from './request.ts';
import { WireWriter, type WireReader } from './wire.ts';

const noId = 'AAAAAAAAAAAAAAAAAAAAAA';
const unknownTopic = 3;

/** Topics that do not exist are absent from the answer. */
export function describeTopics(names: readonly string[]): Request<ReadonlyMap<string, TopicFacts>> {
  const writer = new WireWriter();
  writer.array(names, (name) => writer.uuid(noId).string(name).noTags());
  writer.int8(0).int8(0).noTags(); // no topics made by asking, no authorized operations
  return {
    apiKey: 3,
    apiVersion: 12,
    apiName: 'Metadata',
    body: [writer.written],
    parse: (reader) => {
      reader.int32(); // throttle time
      reader.array(skipNode);
      reader.bytes(); // cluster
      reader.int32(); // controller
      const facts = new Map<string, TopicFacts>();
      reader.array(() => {
        const errorCode = reader.int16();
        const name = reader.string();
        const id = reader.uuid();
        reader.int8(); // internal
        const partitions = reader.array(skipPartition).length;
        reader.int32(); // authorized operations
        reader.tags();
        if (errorCode === unknownTopic) return;
        if (errorCode !== 0) throw new ProtocolError(errorCode, `describing ${name}`);
        facts.set(name, { id, partitions });
      });
      return facts;
    },
  };
}

function skipNode(reader: WireReader): void {
  reader.int32(); // node
  reader.string(); // host
  reader.int32(); // port
  reader.bytes(); // rack
  reader.tags();
}

function skipPartition(reader: WireReader): void {
  reader.int16(); // error
  reader.int32(); // partition
  reader.int32(); // leader
  reader.int32(); // leader's epoch
  for (let list = 0; list < 3; list++) reader.array((each) => each.int32()); // replicas: all, in sync, offline
  reader.tags();
}
