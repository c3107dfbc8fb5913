/**
 * The model registry: reads all of `models.v1`, and writes it with one writer at a time. All entries of a process are
 * in one partition, in order. The writers of a process share a transactional id. When a writer opens it, the broker
 * ends the transaction of any earlier writer. So no decision is based on outdated entries.
 */
import type { ModelEntry } from '../../schemas/generated/types.ts';
import { fixedHeaders } from '../../schemas/headers.ts';
import {
  partitionForKey,
  StreamError,
  type Codec,
  type ProducerRecord,
  type TopicPartition,
  type Transport,
} from '../../stream/index.ts';
import type { Entries } from './entries.ts';

export interface ModelRegistryOptions {
  readonly transport: Transport;
  readonly codec: Codec<ModelEntry>;
  /** The name of `models.v1` on the broker. */
  readonly topic: string;
}

/** An entry without the fields that the registry fills in. */
export type Draft = Omit<ModelEntry, 'process' | 'sequence' | 'eventTime' | 'replaces'>;

const mostAttempts = 10;

export class ModelRegistry {
  readonly #options: ModelRegistryOptions;

  constructor(options: ModelRegistryOptions) {
    this.#options = options;
  }

  /** All entries of the process, oldest first. */
  async entries(process: string): Promise<Entries> {
    const { transport, codec } = this.#options;
    const values: Buffer[] = [];
    await transport.read(await this.#partition(process), (records) => {
      for (const { value } of records) if (value !== null) values.push(value);
    });
    await codec.prepare?.(values);
    return values.map((value) => codec.decode(value)).filter((entry) => entry.process === process);
  }

  /** The end offset of the process's partition, which grows when there is a new entry. */
  async end(process: string): Promise<number> {
    const { topic, partition } = await this.#partition(process);
    return (await this.#options.transport.endOffsets(topic)).get(partition) ?? 0;
  }

  /**
   * Adds all entries or none.
   * @param decide gets all present entries and returns those to add; called again when another writer was faster
   * @returns the added entries
   */
  async add(process: string, decide: (entries: Entries) => readonly Draft[]): Promise<Entries> {
    const { transport, topic } = this.#options;
    let tried: Entries = [];
    for (let attempt = 1; ; attempt++) {
      const producer = await transport.transactionalProducer(`${topic}-${process}`);
      try {
        const entries = await this.entries(process);
        if (wentIn(entries, tried)) return tried;
        tried = complete(process, entries, decide(entries));
        if (tried.length > 0) await producer.transact(await this.#records(tried), []);
        return tried;
      } catch (error) {
        const mayBeRepeated =
          error instanceof StreamError && ['FENCED', 'TRANSACTION_ABORTED'].includes(error.code);
        if (!mayBeRepeated || attempt === mostAttempts) throw error;
      } finally {
        await producer.close();
      }
    }
  }

  async #records(entries: Entries): Promise<readonly ProducerRecord[]> {
    const { codec } = this.#options;
    return Promise.all(
      entries.map(async (entry) => ({
        ...(await this.#partition(entry.process)),
        key: `${entry.process}/${entry.role}`,
        value: codec.encode(entry),
        timestamp: entry.eventTime,
        headers: fixedHeaders('models', '/castwatch/models'),
      })),
    );
  }

  async #partition(process: string): Promise<TopicPartition> {
    const { transport, topic } = this.#options;
    return { topic, partition: partitionForKey(process, await transport.partitionCount(topic)) };
  }
}

/** Whether the tried entries are there. When a connection breaks during the commit, the result is not known. */
const wentIn = (entries: Entries, tried: Entries): boolean =>
  tried.length > 0 &&
  tried.every((wanted) =>
    entries.some(
      (entry) =>
        entry.sequence === wanted.sequence &&
        entry.eventTime === wanted.eventTime &&
        entry.bundle === wanted.bundle &&
        entry.by === wanted.by,
    ),
  );

function complete(process: string, entries: Entries, drafts: readonly Draft[]): Entries {
  const last = entries.at(-1);
  // Never earlier than the previous entry, even when this machine's clock is wrong.
  const eventTime = Math.max(Date.now(), last?.eventTime ?? 0);
  return drafts.map((draft, index) => ({
    ...draft,
    process,
    sequence: (last?.sequence ?? 0) + 1 + index,
    eventTime,
    replaces: entries.findLast(({ role }) => role === draft.role)?.bundle ?? '',
  }));
}
