/** History as it lies on the input topics: what sources published, as far as the broker still keeps it. */
import type { OfflineRecord } from '../../processors/offline.ts';
import type { ValueOf } from '../../schemas/values.ts';
import type { RawRecord } from '../../stream/index.ts';
import type { Kafka } from '../connections.ts';

type InputTopic = 'mesEvents' | 'qualityLabels' | 'sensorReadings';

const chunk = 1_000;

/**
 * Events and labels first, which is as good as each before the readings that it concerns. Undecodable records are
 * passed over, as the pipeline has told of them. One partition is in memory at a time.
 * @param since readings of earlier event times are left out, ms
 */
export async function* topicHistory(
  kafka: Pick<Kafka, 'transport' | 'serde' | 'topics'>,
  since: number,
): AsyncGenerator<readonly OfflineRecord[]> {
  for await (const batch of read(kafka, 'mesEvents'))
    yield batch.map((each) => ({ topic: 'mesEvents' as const, ...each }));
  for await (const batch of read(kafka, 'qualityLabels'))
    yield batch.map((each) => ({ topic: 'qualityLabels' as const, ...each }));
  for await (const batch of read(kafka, 'sensorReadings'))
    yield batch
      .filter(({ value }) => value.eventTime >= since)
      .map((each) => ({ topic: 'sensorReadings' as const, ...each }));
}

async function* read<T extends InputTopic>(
  { transport, serde, topics }: Pick<Kafka, 'transport' | 'serde' | 'topics'>,
  id: T,
): AsyncGenerator<
  readonly { readonly value: ValueOf<T>; readonly timestamp: number; readonly key: string }[]
> {
  const codec = serde.codec(id);
  const topic = topics[id];
  for (let partition = 0; partition < (await transport.partitionCount(topic)); partition++) {
    const records: RawRecord[] = [];
    await transport.read({ topic, partition }, (batch) => {
      records.push(...batch);
    });
    for (let from = 0; from < records.length; from += chunk) {
      const batch = records.slice(from, from + chunk);
      await codec.prepare?.(batch.flatMap(({ value }) => (value === null ? [] : [value])));
      yield batch.flatMap(({ key, value, timestamp }) => {
        try {
          return value === null
            ? []
            : [{ value: codec.decode(value), timestamp, key: key?.toString() ?? '' }];
        } catch {
          return [];
        }
      });
    }
  }
}
