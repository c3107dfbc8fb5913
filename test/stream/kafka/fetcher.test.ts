/** What the fetcher does when the cluster has no metadata. The transport contract tests that it reads. */
import assert from 'node:assert/strict';
import { Fetcher } from '../../../stream/kafka/fetcher.ts';
import type { Cluster } from '../../../stream/kafka/internals.ts';
import { batchLayout } from '../../../stream/kafka/protocol/record-batch.ts';
import { BatchEncoder, HeadersEncoder } from '../../../stream/kafka/protocol/record-encoder.ts';
import { WireReader, WireWriter } from '../../../stream/kafka/protocol/wire.ts';
import { waitFor } from '../../support/wait.ts';

const topicId = Buffer.alloc(16, 7).toString('base64url');

describe('stream/kafka/fetcher', () => {
  it('asks for metadata again, and does not end the process, while kafkajs has none', async () => {
    const failures: Error[] = [];
    let refreshed = 0;
    // What kafkajs does after it has lost its last broker.
    const cluster = {
      findTopicPartitionMetadata: () => {
        throw new Error('Topic metadata not loaded');
      },
      refreshMetadata: () => {
        refreshed += 1;
        return Promise.resolve();
      },
    } as unknown as Cluster;
    const fetcher = new Fetcher(cluster, {
      records: () => assert.fail('nothing was read'),
      gap: () => assert.fail('nothing was deleted'),
      failed: (error) => failures.push(error),
      stuck: (_, error) => failures.push(error),
    });
    fetcher.start([{ topic: 'readings', topicId, partition: 0, offset: 0, paused: false }]);
    fetcher.allow(new Set(['readings/0']));
    await waitFor(() => refreshed >= 2, 'metadata to be asked for');
    assert.deepEqual(failures, []);
    fetcher.close();
  });

  it('hands on what lies in the other partitions of an answer, and goes on with them, when one cannot be read', async () => {
    const got = new Map<string, number>();
    const failures: Error[] = [];
    const stuck: string[] = [];
    const fetcher = new Fetcher(answering(batchesFrom), {
      records: ({ partition }, _, position) => got.set(String(partition), position),
      gap: () => assert.fail('nothing was deleted'),
      failed: (error) => failures.push(error),
      stuck: ({ topic, partition }, { message }) => stuck.push(`${topic}/${partition}: ${message}`),
    });
    const start = { topic: 'readings', topicId, offset: 0, paused: false };
    fetcher.start([0, 1, 2].map((partition) => ({ ...start, partition })));
    fetcher.allow(new Set(['readings/0', 'readings/1', 'readings/2']));
    try {
      await waitFor(() => stuck.length > 0, 'the unreadable partition to be reported');
      assert.match(stuck[0] ?? '', /^readings\/1: .*offset 0.*checksum/);
      assert.deepEqual(failures, []);
      const [before0, before2] = [got.get('0') ?? 0, got.get('2') ?? 0];
      assert.ok(before0 > 8 && before2 > 8, `got only to ${before0} and ${before2}`);
      await waitFor(() => (got.get('0') ?? 0) > before0, 'the first partition to go on');
      await waitFor(() => (got.get('2') ?? 0) > before2, 'the third partition to go on');
      assert.equal(got.has('1'), false);
    } finally {
      fetcher.close();
    }
  });
});

/** One record a fetch; in partition 1 the checksum never fits. */
function batchesFrom({ partition, offset }: Asked): Buffer {
  const encoder = new BatchEncoder();
  encoder.add(null, Buffer.from('x'), 0, new HeadersEncoder().encode(undefined));
  const batch = Buffer.from(encoder.seal({ producerId: -1, producerEpoch: -1, transactional: false }, 0));
  batch.writeBigInt64BE(BigInt(offset), batchLayout.baseOffset);
  if (partition === 1) batch.writeUInt32BE(0, batchLayout.crc);
  return batch;
}

interface Asked {
  readonly partition: number;
  readonly offset: number;
}

/** A cluster of one node that leads three partitions of the topic `readings`, and answers each fetch thus. */
function answering(records: (asked: Asked) => Buffer): Cluster {
  const connection = {
    sasl: null,
    clientId: 'test',
    isConnected: () => true,
    nextCorrelationId: () => 1,
    socket: { cork: () => undefined, uncork: () => undefined, write: (piece: Buffer) => pieces.push(piece) },
    requestQueue: {
      push: ({ entry, sendRequest }: SentFetch) => {
        pieces = [];
        sendRequest();
        const asked = parseFetch(Buffer.concat(pieces));
        setImmediate(() => {
          entry.resolve({ payload: fetchAnswer(asked.map((one) => ({ ...one, records: records(one) }))) });
        });
      },
    },
  };
  let pieces: Buffer[] = [];
  return {
    findTopicPartitionMetadata: () => [0, 1, 2].map((partitionId) => ({ partitionId, leader: 0 })),
    findBroker: () =>
      Promise.resolve({ connectionPool: { getConnection: () => Promise.resolve(connection) } }),
    refreshMetadata: () => Promise.resolve(),
  } as unknown as Cluster;
}

interface SentFetch {
  readonly entry: { readonly resolve: (answer: { readonly payload: Buffer }) => void };
  readonly sendRequest: () => void;
}

/** The partitions of the one topic in a request that `fetch` has made, after its header. */
function parseFetch(frame: Buffer): Asked[] {
  const reader = new WireReader(frame);
  reader.int32(); // length
  reader.int16(); // api key
  reader.int16(); // version
  reader.int32(); // correlation id
  for (let left = reader.int16(); left > 0; left--) reader.int8(); // client id
  reader.tags();
  for (let field = 0; field < 4; field++) reader.int32(); // replica, longest wait, least and most bytes
  reader.int8(); // isolation level
  reader.int32(); // session id
  reader.int32(); // session epoch
  const asked: Asked[] = [];
  reader.array(() => {
    reader.uuid(); // topic id
    reader.array(() => {
      const partition = reader.int32();
      reader.int32(); // leader epoch
      asked.push({ partition, offset: reader.int64() });
      reader.int32(); // last fetched epoch
      reader.int64(); // log start offset
      reader.int32(); // most bytes
      reader.tags();
    });
    reader.tags();
  });
  return asked;
}

function fetchAnswer(partitions: readonly (Asked & { readonly records: Buffer })[]): Buffer {
  const writer = new WireWriter().noTags().int32(0).int16(0).int32(0);
  writer.array([partitions], (all) => {
    writer.uuid(topicId).array(all, ({ partition, offset, records }) => {
      writer
        .int32(partition)
        .int16(0)
        .int64(offset + 1)
        .int64(offset + 1)
        .int64(0);
      writer
        .array([], () => undefined)
        .int32(-1)
        .uvarint(records.length + 1);
      for (const byte of records) writer.int8(byte > 127 ? byte - 256 : byte);
      writer.noTags();
    });
    writer.noTags();
  });
  return writer.noTags().written;
}
