/** Record batches: our encoder and decoder against each other, and against those of kafkajs. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import kafkajs from 'kafkajs';
import { compressSync } from 'snappy';
import { compressions, type Compression } from '../../../../stream/kafka/protocol/compression.ts';
import { crc32c } from '../../../../stream/kafka/protocol/crc32c.ts';
import { attribute, batchLayout, batchLengthCovers } from '../../../../stream/kafka/protocol/record-batch.ts';
import { decodeRecords } from '../../../../stream/kafka/protocol/record-decoder.ts';
import { BatchEncoder, HeadersEncoder } from '../../../../stream/kafka/protocol/record-encoder.ts';
import { unframeSnappy } from '../../../../stream/kafka/protocol/snappy.ts';
import type { RawRecord } from '../../../../stream/transport.ts';
import { seed } from '../../../support/seed.ts';
import {
  kafkajsBatch,
  kafkajsCrc32c,
  kafkajsMessages,
  type PlainRecord,
} from '../../../support/kafkajs-records.ts';

const noProducer = { producerId: -1, producerEpoch: -1, transactional: false };

function encode(records: readonly PlainRecord[], compression: Compression = 'none'): Buffer {
  const batch = new BatchEncoder();
  const headers = new HeadersEncoder();
  for (const { key, value, timestamp, headers: own } of records)
    batch.add(key, value, timestamp, headers.encode(own));
  return batch.seal(noProducer, 0, compression);
}

/** As the broker stores a batch: with the offset of its first record. */
function at(offset: number, batch: Buffer): Buffer {
  const stored = Buffer.from(batch);
  stored.writeBigInt64BE(BigInt(offset), batchLayout.baseOffset);
  return stored;
}

/** Returns the batch with a new checksum, after a change. */
function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch, batchLayout.attributes, batch.length), batchLayout.crc);
  return batch;
}

const plain = ({ key, value, timestamp, headers }: RawRecord): PlainRecord => ({
  key,
  value,
  timestamp,
  headers: headers as PlainRecord['headers'],
});

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const headers = fc.dictionary(
  fc.string({ maxLength: 12 }).map((name) => `h${name}`),
  bytes,
  {
    minKeys: 1,
    maxKeys: 5,
    noNullPrototype: true,
  },
);
const record: fc.Arbitrary<PlainRecord> = fc.record(
  {
    key: fc.option(bytes),
    value: fc.option(bytes),
    timestamp: fc.oneof(
      fc.integer({ min: 0, max: 2 ** 42 }),
      fc.constantFrom(0, 2 ** 31, 2 ** 32, 1_700_000_000_000),
    ),
    headers: fc.option(headers, { nil: undefined }),
  },
  { noNullPrototype: true },
);
const records = fc.array(record, { minLength: 1, maxLength: 30 });

describe('stream/kafka/protocol: records', () => {
  it('come back as they were written', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.nat(), async (written, base) => {
        const { records: read, position } = await decodeRecords(at(base, encode(written)), [], 0);
        assert.deepEqual(read.map(plain), written);
        assert.deepEqual(
          read.map(({ offset }) => offset),
          written.map((_, index) => base + index),
        );
        assert.equal(position, base + written.length);
      }),
      { seed },
    );
  });

  it('are read by kafkajs as they were written', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (written) => {
        assert.deepEqual(await kafkajsMessages(encode(written)), written);
      }),
      { seed },
    );
  });

  for (const [name, compression] of [
    ['plain', kafkajs.CompressionTypes.None],
    ['gzip', kafkajs.CompressionTypes.GZIP],
  ] as const) {
    it(`are read as kafkajs writes them: ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(records, async (written) => {
          const { records: read } = await decodeRecords(await kafkajsBatch(written, { compression }), [], 0);
          assert.deepEqual(read.map(plain), written);
        }),
        { seed, numRuns: 40 },
      );
    });
  }

  for (const compression of compressions) {
    it(`come back as they were written with ${compression}`, async () => {
      await fc.assert(
        fc.asyncProperty(records, async (written) => {
          const { records: read } = await decodeRecords(encode(written, compression), [], 0);
          assert.deepEqual(read.map(plain), written);
        }),
        { seed, numRuns: 40 },
      );
    });
  }

  it('are read from Snappy in several blocks, and from one plain block as librdkafka writes it', async () => {
    const value = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * index) % 251));
    const framed = encode([{ key: null, value, timestamp: 0, headers: undefined }], 'snappy');
    const header = framed.subarray(0, batchLayout.records);
    const unframed = unframeSnappy(framed.subarray(batchLayout.records));
    const bare = Buffer.concat([header, compressSync(unframed)]);
    bare.writeInt32BE(bare.length - batchLengthCovers, batchLayout.length);
    for (const batch of [framed, sealed(bare)]) {
      const { records: read } = await decodeRecords(batch, [], 0);
      assert.deepEqual(read[0]?.value, value);
    }
  });

  it('by a codec that Kafka does not define are named', async () => {
    const batch = encode(some(1));
    batch.writeInt16BE(5, batchLayout.attributes);
    await assert.rejects(decodeRecords(sealed(batch), [], 0), /codec 5, which Kafka does not define/);
  });

  it('share headers that are the same for all', async () => {
    const shared = { a: Buffer.from('1'), b: Buffer.from('2') };
    const written = [0, 1, 2].map((timestamp) => ({ key: null, value: null, timestamp, headers: shared }));
    const { records: read } = await decodeRecords(encode(written), [], 0);
    assert.equal(read[0]?.headers, read[2]?.headers);
  });

  it('of a batch that is cut off come with the next fetch', async () => {
    const [first, second] = [some(3), some(2)].map((written) => encode(written)) as [Buffer, Buffer];
    const whole = Buffer.concat([first, at(3, second)]);
    for (let length = 0; length <= whole.length; length++) {
      const { records: read, position } = await decodeRecords(whole.subarray(0, length), [], 0);
      const expected = length < first.length ? 0 : length < whole.length ? 3 : 5;
      assert.equal(read.length, expected, `cut after ${length}`);
      assert.equal(position, expected === 0 ? undefined : expected);
    }
  });

  it('are refused when one bit has changed', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.nat(), fc.nat({ max: 7 }), async (written, place, bit) => {
        const batch = encode(written);
        const damaged = batchLayout.crc + (place % (batch.length - batchLayout.crc));
        batch.writeUInt8(batch.readUInt8(damaged) ^ (1 << bit), damaged);
        await assert.rejects(decodeRecords(batch, [], 0), /offset 0 does not match its checksum/);
      }),
      { seed },
    );
  });

  it('before the requested offset are left out', async () => {
    for (let from = 0; from <= 5; from++) {
      const { records: read, position } = await decodeRecords(at(0, encode(some(5))), [], from);
      assert.deepEqual(
        read.map(({ offset }) => offset),
        [0, 1, 2, 3, 4].slice(from),
      );
      assert.equal(position, 5);
    }
  });

  it("have the broker's time where the topic says so", async () => {
    const batch = encode(some(2));
    batch.writeInt16BE(attribute.logAppendTime, batchLayout.attributes);
    batch.writeBigInt64BE(77n, batchLayout.maxTimestamp);
    const { records: read } = await decodeRecords(sealed(batch), [], 0);
    assert.deepEqual(
      read.map(({ timestamp }) => timestamp),
      [77, 77],
    );
  });

  it('that claim to be longer than their batch are an error', async () => {
    const batch = encode(some(1));
    batch[batchLayout.records] = 0x7e;
    await assert.rejects(decodeRecords(sealed(batch), [], 0), /outside its batch/);
  });

  it('in a format from before transactions are named', async () => {
    const batch = encode(some(1));
    batch.writeInt8(1, batchLayout.magic);
    await assert.rejects(decodeRecords(batch, [], 0), /format 1/);
  });

  it('have the checksum of RFC 3720', () => {
    const digits = Buffer.from('-123456789');
    assert.equal(crc32c(digits, 1, digits.length), 0xe3069283);
    fc.assert(
      fc.property(bytes, (data) => {
        assert.equal(crc32c(data, 0, data.length), kafkajsCrc32c(data));
      }),
      { seed },
    );
  });
});

function some(count: number): PlainRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    key: Buffer.from(`key-${index}`),
    value: Buffer.from(`value-${index}`),
    timestamp: 1_000 + index,
    headers: undefined,
  }));
}

describe('stream/kafka/protocol: transactions in a partition', () => {
  const data = async (offset: number, producerId: number): Promise<Buffer> =>
    at(offset, await kafkajsBatch(some(1), { producerId, transactional: true }));

  const marker = async (offset: number, producerId: number, type: 'abort' | 'commit'): Promise<Buffer> => {
    const key = Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]);
    const record = { key, value: Buffer.alloc(6), timestamp: 0, headers: undefined };
    const batch = at(offset, await kafkajsBatch([record], { producerId, transactional: true }));
    batch.writeInt16BE(attribute.control | attribute.transactional, batchLayout.attributes);
    return sealed(batch);
  };

  const visible = async (
    batches: readonly Promise<Buffer>[],
    aborted: readonly { producerId: number; firstOffset: number }[],
  ): Promise<{ offsets: number[]; position: number | undefined }> => {
    const { records: read, position } = await decodeRecords(
      Buffer.concat(await Promise.all(batches)),
      aborted,
      0,
    );
    return { offsets: read.map(({ offset }) => offset), position };
  };

  const [a, b, c] = [1, 2, 3];

  it('are hidden when aborted, also when they overlap, in whatever order the broker lists them', async () => {
    const batches = [
      ...[data(0, b), data(1, a), data(2, c), data(3, b), data(4, a)],
      ...[marker(5, a, 'abort'), marker(6, b, 'abort'), marker(7, c, 'commit')],
    ];
    const aborted = [
      { producerId: a, firstOffset: 1 },
      { producerId: b, firstOffset: 0 },
    ];
    assert.deepEqual(await visible(batches, aborted), { offsets: [2], position: 8 });
  });

  it('are hidden when they began before the fetch, even several at once', async () => {
    const batches = [data(10, b), data(11, a), marker(12, a, 'abort'), marker(13, b, 'abort'), data(14, a)];
    const aborted = [
      { producerId: a, firstOffset: 1 },
      { producerId: b, firstOffset: 2 },
    ];
    assert.deepEqual(await visible(batches, aborted), { offsets: [14], position: 15 });
  });

  it('end with their own marker, not with a record that looks like one', async () => {
    const key = Buffer.from([0, 0, 0, 0]);
    const record = { key, value: null, timestamp: 0, headers: undefined };
    const lookalike = kafkajsBatch([record], { producerId: a, transactional: true }).then((batch) =>
      at(1, batch),
    );
    const aborted = [{ producerId: a, firstOffset: 1 }];
    assert.deepEqual(await visible([lookalike, data(2, a), data(3, b)], aborted), {
      offsets: [3],
      position: 4,
    });
  });

  it('do not hide what their producer writes outside of transactions', async () => {
    const outside = kafkajsBatch(some(1), { producerId: a }).then((batch) => at(1, batch));
    assert.deepEqual(await visible([data(0, a), outside], [{ producerId: a, firstOffset: 0 }]), {
      offsets: [1],
      position: 2,
    });
  });

  it('advance the position although their records are hidden', async () => {
    assert.deepEqual(await visible([marker(4, c, 'commit')], []), { offsets: [], position: 5 });
  });
});
