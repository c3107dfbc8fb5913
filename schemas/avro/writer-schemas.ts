/** The schemas that records were written with, by id: fetched once, then known. */
import type avsc from 'avsc';
import { messageOf } from '../../base/text.ts';
import { parseSchema } from './avro-types.ts';

/** What the registry says of a schema id. */
export interface WriterSchemaText {
  readonly text: string;
  /** AVRO unless the registry says otherwise */
  readonly type: string;
  /** Whether it refers to schemas registered elsewhere. */
  readonly references: boolean;
}

/** What is known of a schema id. */
export type WriterSchema =
  | { readonly kind: 'known'; readonly type: avsc.Type }
  /** Avro cannot make anything of it; that will not change, an id's schema never does. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** The registry has no such id; asked again after a while. */
  | { readonly kind: 'missing'; readonly askAgainAt: number };

export type FetchSchema = (id: number) => Promise<WriterSchemaText | undefined>;

/** How long "no such id" is believed, in ms: a schema may be registered later, rubbish comes in thousands. */
const missingFor = 30_000;
/** Entries that are kept of ids which the registry does not know. */
const maximumMissing = 100_000;
/** Requests at the same time. */
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
    this.#keep(id, { kind: 'known', type });
  }

  /** Whether decoding may go ahead without asking. */
  has(id: number): boolean {
    const schema = this.#byId.get(id);
    return schema !== undefined && (schema.kind !== 'missing' || schema.askAgainAt > this.#now());
  }

  /** Rejects when the registry does not answer for an id never met: nothing is known, nothing is to be thrown away. */
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

  /** While the registry is away, an id that it did not know is one still: rubbish must not hold up a partition. */
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
      return { kind: 'known', type: parseSchema(schema.text) };
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
