/** Reads topics from beginning to end, for the checks after a run. */
import { CastwatchError } from '../base/errors.ts';
import type { Codec, RawRecord, Transport } from '../stream/index.ts';

/** Every committed record of the topic. @throws CastwatchError RECONCILIATION when records were deleted */
export async function* readTopic(transport: Transport, topic: string): AsyncGenerator<TopicRecords> {
  const beginnings = await transport.beginningOffsets(topic);
  for (const [partition, beginning] of beginnings)
    if (beginning > 0)
      throw new CastwatchError(
        'RECONCILIATION',
        `${topic}/${partition} begins at offset ${beginning}: the broker has deleted earlier records.`,
        {
          remedy: 'The check needs complete topics. Start with --fresh.',
        },
      );
  yield* readWhatIsLeft(transport, topic);
}

export interface TopicRecords {
  readonly partition: number;
  readonly records: readonly RawRecord[];
}

/** Every committed record that the topic still has, partition by partition. Keeps one partition in memory. */
export async function* readWhatIsLeft(transport: Transport, topic: string): AsyncGenerator<TopicRecords> {
  for (const partition of (await transport.beginningOffsets(topic)).keys()) {
    const records: RawRecord[] = [];
    await transport.read({ topic, partition }, (batch) => {
      records.push(...batch);
    });
    yield { partition, records };
  }
}

export interface Decoded<T> extends Pick<RawRecord, 'offset' | 'timestamp'> {
  readonly partition: number;
  readonly key: string;
  /** Null: a tombstone, or bytes that the codec cannot decode. */
  readonly value: T | null;
}

const chunk = 1_000;

/** The records that the topic still has, decoded. */
export async function* decodeTopic<T>(
  transport: Transport,
  topic: string,
  codec: Codec<T>,
): AsyncGenerator<readonly Decoded<T>[]> {
  for await (const { partition, records } of readWhatIsLeft(transport, topic)) {
    for (let from = 0; from < records.length; from += chunk) {
      const batch = records.slice(from, from + chunk);
      await codec.prepare?.(batch.flatMap(({ value }) => (value === null ? [] : [value])));
      yield batch.map(({ key, value, offset, timestamp }) => ({
        partition,
        offset,
        timestamp,
        key: key?.toString() ?? '',
        value: value === null ? null : decode(codec, value),
      }));
    }
  }
}

function decode<T>(codec: Codec<T>, bytes: Buffer): T | null {
  try {
    return codec.decode(bytes);
  } catch {
    return null; // the pipeline cannot decode it either: a dead letter is expected
  }
}
