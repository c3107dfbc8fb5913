/** Sorts records into batches by partition and encodes them. It keeps each partition's leader and sequence number. */
import { murmur2 } from '../partitioner.ts';
import type { ProducerRecord } from '../transport.ts';
import type { Compression } from './protocol/compression.ts';
import type { PartitionBatch } from './protocol/produce.ts';
import { BatchEncoder, HeadersEncoder, type BatchIdentity } from './protocol/record-encoder.ts';

/** A broker accepts 1 MiB per batch (`max.message.bytes`). The difference is for framing. */
const mostBatchBytes = 900 * 1024;
const framingBytes = 70;
/** Larger buffers are released after use, because tens of producers would keep tens of megabytes. */
const mostKeptBytes = 256 * 1024;
const mostKeys = 10_000;
const longestKeptKey = 1_024;
const metadataMaxAge = 300_000;
/** Sequence numbers start again at 0 after the largest 32-bit number. */
const sequences = 2 ** 31;

/** Resolves with the leading node of each partition. */
export type FindLeaders = (topic: string) => Promise<readonly number[]>;

/** Records of one partition that are encoded but not sent yet. */
export interface OpenBatch {
  readonly target: Target;
  readonly encoder: BatchEncoder;
  /** Number of batches of the same partition that come before it, because a request takes one batch per partition. */
  readonly round: number;
  /** A record in it asks for compression if the batch is larger than a broker accepts. */
  compressesLarge: boolean;
}

interface Target {
  readonly topic: string;
  readonly partition: number;
  sequence: number;
  spare: BatchEncoder | undefined;
  open: OpenBatch | undefined;
}

interface Route {
  readonly leaders: readonly number[];
  readonly knownSince: number;
}

interface EncodedKey {
  readonly bytes: Buffer;
  readonly hash: number;
}

export class Outgoing {
  readonly #findLeaders: FindLeaders;
  readonly #compression: Compression;
  readonly #routes = new Map<string, Route>();
  readonly #targets = new Map<string, (Target | undefined)[]>();
  readonly #keys = new Map<string, EncodedKey>();
  readonly #headers = new HeadersEncoder();
  #withoutKey = 0;

  constructor(findLeaders: FindLeaders, compression: Compression) {
    this.#findLeaders = findLeaders;
    this.#compression = compression;
  }

  /** Returns batches, in order per partition. A record that is larger than a batch should be gets its own batch. */
  async batches(records: readonly ProducerRecord[]): Promise<readonly OpenBatch[]> {
    await this.#learnRoutes(records);
    const batches: OpenBatch[] = [];
    const now = Date.now();
    let topic: string | undefined;
    let targets: (Target | undefined)[] = [];
    let partitions = 0;
    for (const record of records) {
      if (record.topic !== topic) {
        topic = record.topic;
        targets = this.#targetsOf(topic);
        partitions = this.#routes.get(topic)?.leaders.length ?? 0;
      }
      const key = this.#encodeKey(record.key);
      const partition =
        record.partition ?? ((key === null ? this.#withoutKey++ : key.hash) & 0x7fffffff) % partitions;
      const target = (targets[partition] ??= newTarget(record.topic, partition));
      const headers = this.#headers.encode(record.headers);
      const bytes = framingBytes + (key?.bytes.length ?? 0) + (record.value?.length ?? 0) + headers.length;
      const open = this.#roomIn(target, bytes, batches);
      if (record.compressesLarge === true) open.compressesLarge = true;
      open.encoder.add(key?.bytes ?? null, record.value, record.timestamp ?? now, headers);
    }
    for (const { target } of batches) target.open = undefined;
    return batches;
  }

  /** Returns the node to send a batch to; undefined when its partition has no leader now, or does not exist. */
  async leader({ target: { topic, partition } }: OpenBatch): Promise<number | undefined> {
    const leader = (await this.#learn(topic)).leaders[partition];
    return leader === undefined || leader < 0 ? undefined : leader;
  }

  /** Takes the next sequence numbers. From then on the batch stays the same, however often it is sent. */
  seal({ target, encoder, compressesLarge }: OpenBatch, identity: BatchIdentity): PartitionBatch {
    const compression = compressesLarge && encoder.bytes > mostBatchBytes ? 'gzip' : this.#compression;
    const sealed = encoder.seal(identity, target.sequence, compression);
    target.sequence = (target.sequence + encoder.count) % sequences;
    return { topic: target.topic, partition: target.partition, sealed };
  }

  /** Call it when the batch is acknowledged: its buffer may be used again. */
  acknowledged({ target, encoder }: OpenBatch): void {
    if (encoder.capacity > mostKeptBytes) return;
    encoder.clear();
    target.spare = encoder;
  }

  /** Call it for a new epoch, in which sequence numbers begin at 0. */
  restartSequences(): void {
    for (const targets of this.#targets.values())
      for (const target of targets) if (target !== undefined) target.sequence = 0;
  }

  forgetLeaders(topic: string): void {
    this.#routes.delete(topic);
  }

  async #learnRoutes(records: readonly ProducerRecord[]): Promise<void> {
    const old = Date.now() - metadataMaxAge;
    let known = '';
    for (const { topic } of records) {
      if (topic === known) continue;
      known = topic;
      const route = this.#routes.get(topic);
      if (route !== undefined && route.knownSince < old) this.#routes.delete(topic);
      if (!this.#routes.has(topic)) await this.#learn(topic);
    }
  }

  async #learn(topic: string): Promise<Route> {
    let route = this.#routes.get(topic);
    if (route === undefined) {
      route = { leaders: await this.#findLeaders(topic), knownSince: Date.now() };
      this.#routes.set(topic, route);
    }
    return route;
  }

  #targetsOf(topic: string): (Target | undefined)[] {
    let targets = this.#targets.get(topic);
    if (targets === undefined) {
      targets = [];
      this.#targets.set(topic, targets);
    }
    return targets;
  }

  #roomIn(target: Target, bytes: number, batches: OpenBatch[]): OpenBatch {
    const { open } = target;
    if (open !== undefined && open.encoder.bytes + bytes <= mostBatchBytes) return open;
    const encoder = target.spare ?? new BatchEncoder();
    target.spare = undefined;
    target.open = { target, encoder, round: open === undefined ? 0 : open.round + 1, compressesLarge: false };
    batches.push(target.open);
    return target.open;
  }

  /** Keeps the bytes and the hash of keys, because the same keys come again and again. */
  #encodeKey(key: Buffer | string | null): EncodedKey | null {
    if (key === null) return null;
    if (typeof key !== 'string' || key.length > longestKeptKey) {
      const bytes = typeof key === 'string' ? Buffer.from(key) : key;
      return { bytes, hash: murmur2(bytes) };
    }
    let encoded = this.#keys.get(key);
    if (encoded === undefined) {
      const bytes = Buffer.from(key);
      encoded = { bytes, hash: murmur2(bytes) };
      if (this.#keys.size >= mostKeys) this.#keys.clear();
      this.#keys.set(key, encoded);
    }
    return encoded;
  }
}

const newTarget = (topic: string, partition: number): Target => ({
  topic,
  partition,
  sequence: 0,
  spare: undefined,
  open: undefined,
});
