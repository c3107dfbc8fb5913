/** The schemas with which records were written, by id. Each is fetched once and then kept. */
import type avsc from 'avsc';
import { messageOf } from '../../base/text.ts';
import { parseWriter, type WriterType } from './foreign-writers.ts';

/** The schema registry's answer for a schema id. */
export interface WriterSchemaText {
  readonly text: string;
  /** AVRO unless the registry says otherwise */
  readonly type: string;
  /** Whether it refers to schemas registered elsewhere. */
  readonly references: boolean;
}

/** What is known about a schema id. */
export type WriterSchema =
  | ({ readonly kind: 'known' } & WriterType)
  /** Avro cannot parse it. That will not change, because the schema of an id never changes. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** The schema registry does not have this id; it is asked again after a while. */
  | { readonly kind: 'missing'; readonly askAgainAt: number };

export type FetchSchema = (id: number) => Promise<WriterSchemaText | undefined>;

/** How long "no such id" counts, in ms. A schema may be registered later, but invalid records come in thousands. */
const missingFor = 30_000;
/** Maximum number of entries for ids that the schema registry does not have. */
const maximumMissing = 100_000;
/** Number of requests at the same time. */
const concurrency = 8;

export class WriterSchemas {
  readonly #fetch: FetchSchema;
  readonly #now: () => number;
  readonly #byId = new Map<number, WriterSchema>();
  readonly #underWay = new Map<number, Promise<void>>();
  #missing = 0;

  constructor(fetch: FetchSchema, now: () => number = Date.now) {
    this.#fetch = fetch;
    this.#now = now;
  }

  get(id: number): WriterSchema | undefined {
    return this.#byId.get(id);
  }

  set(id: number, type: avsc.Type): void {
    this.#keep(id, { kind: 'known', type, converts: false });
  }

  /** Returns whether decoding may continue without a request. */
  has(id: number): boolean {
    const schema = this.#byId.get(id);
    return schema !== undefined && (schema.kind !== 'missing' || schema.askAgainAt > this.#now());
  }

  /** Rejects when the registry does not answer for a new id. Nothing is known about it then, so no record may be discarded. */
  async fetch(ids: Iterable<number>): Promise<void> {
    const queue = [...ids].values();
    const worker = async (): Promise<void> => {
      for (const id of queue) await this.#fetchOnce(id);
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  }

  #fetchOnce(id: number): Promise<void> {
    let fetching = this.#underWay.get(id);
    if (fetching === undefined) {
      fetching = this.#fetch(id)
        .then(
          (text) => {
            this.#keep(id, this.#understand(text));
          },
          (error: unknown) => {
            this.#believeAgain(id, error);
          },
        )
        .finally(() => this.#underWay.delete(id));
      this.#underWay.set(id, fetching);
    }
    return fetching;
  }

  /** While the schema registry is unreachable, an id that it did not have counts as missing: it must not hold up a partition. */
  #believeAgain(id: number, error: unknown): void {
    if (this.#byId.get(id)?.kind !== 'missing') throw error;
    this.#keep(id, this.#understand(undefined));
  }

  #understand(schema: WriterSchemaText | undefined): WriterSchema {
    if (schema === undefined) return { kind: 'missing', askAgainAt: this.#now() + missingFor };
    if (schema.type !== 'AVRO') return { kind: 'unreadable', reason: `it is ${schema.type}, not Avro` };
    if (schema.references)
      return { kind: 'unreadable', reason: 'it refers to other subjects; write it out in one schema' };
    try {
      return { kind: 'known', ...parseWriter(schema.text) };
    } catch (cause) {
      return { kind: 'unreadable', reason: messageOf(cause) };
    }
  }

  #keep(id: number, schema: WriterSchema): void {
    if (this.#byId.get(id)?.kind === 'missing') this.#missing -= 1;
    this.#byId.delete(id);
    this.#byId.set(id, schema);
    if (schema.kind !== 'missing') return;
    this.#missing += 1;
    if (this.#missing > maximumMissing) this.#forgetOldestMissing();
  }

  #forgetOldestMissing(): void {
    for (const [id, schema] of this.#byId) {
      if (schema.kind !== 'missing') continue;
      this.#byId.delete(id);
      this.#missing -= 1;
      return;
    }
  }
}
