/** IncrementalAlterConfigs: changes some settings of topics and leaves the others as they are. Source: KIP-339. */
import { ProtocolError } from './error-codes.ts';
import type { Request } from './request.ts';
import { WireWriter } from './wire.ts';

const topicResource = 2;
const set = 0;

/** Rejects with the first refusal; the broker may have changed the other topics. */
export function alterTopicSettings(
  changes: ReadonlyMap<string, Readonly<Record<string, string>>>,
): Request<void> {
  const writer = new WireWriter();
  writer.array([...changes], ([topic, settings]) => {
    writer.int8(topicResource).string(topic);
    writer.array(Object.entries(settings), ([name, value]) =>
      writer.string(name).int8(set).string(value).noTags(),
    );
    writer.noTags();
  });
  return {
    apiKey: 44,
    apiVersion: 1,
    apiName: 'IncrementalAlterConfigs',
    body: [writer.int8(0).noTags().written], // not only a check
    parse: (reader) => {
      reader.int32(); // throttle time
      reader.array(() => {
        const errorCode = reader.int16();
        const message = reader.bytes()?.toString() ?? null;
        reader.int8(); // kind of resource
        const topic = reader.string();
        reader.tags();
        if (errorCode !== 0) throw new ProtocolError(errorCode, `settings of ${topic}`, message);
      });
    },
  };
}
