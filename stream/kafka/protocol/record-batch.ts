/**
 * The layout of a record batch (magic 2): the form of records in a partition and on the wire.
 *
 * Source: Apache Kafka, "Message format, record batch".
 */
export const batchLayout = {
  baseOffset: 0,
  /** Number of bytes after this field. */
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  /** The checksum covers all bytes from here on. */
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
  records: 61,
} as const;

/** Number of bytes before those that `length` counts. */
export const batchLengthCovers = 12;
export const magic = 2;

export const attribute = {
  compressionMask: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
} as const;
