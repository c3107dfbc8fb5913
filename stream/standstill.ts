/**
 * The log of breakers: which step or sink stands still on which partition, since when and why, and who has told it to go on.
 * It is a compacted topic. The steps, the sinks and the operators write it; each reads what the others wrote.
 *
 * An order to go on names offsets: no record before them is counted by the breaker. So it means the same however often it is
 * read, and needs no acknowledgement. The progress of the step itself shows what the order has already done.
 */
import { isJsonObject, parseJsonObject, type JsonObject } from './json-object.ts';
import type { ProducerRecord, Transport } from './transport.ts';

/** Where a step stands still in one of its inputs. */
export interface StandstillPosition {
  readonly topic: string;
  /** The next record to be processed. */
  readonly offset: number;
  /** The records from there on are not on the topic yet: the previous step of the chain passes them on. */
  readonly isPassedOn: boolean;
}

/** A step that stands still on a partition, or a sink on a partition of a topic. */
export interface Standstill {
  /** Identifies it: the step and the partition; for a sink, its name, the topic and the partition. */
  readonly unit: string;
  readonly step: string;
  readonly partition: number;
  /** When it stopped, ms since the epoch. A restart that stops at the same place does not change it. */
  readonly since: number;
  readonly why: string;
  /** The topic whose record was one too many. */
  readonly topic: string;
  readonly positions: readonly StandstillPosition[];
}

export interface GoOnOrder {
  readonly unit: string;
  readonly by: string;
  readonly why: string;
  /** ms since the epoch */
  readonly at: number;
  /** By topic: the breaker does not count records before this offset. */
  readonly until: Readonly<Record<string, number>>;
}

/** What the log says about one unit. */
export interface BreakerState {
  /** By topic: the breaker does not count records before this offset. The furthest of all orders. */
  readonly until: Readonly<Record<string, number>>;
  /** Undefined when it runs. */
  readonly standstill: Standstill | undefined;
  /** The latest order. */
  readonly order: GoOnOrder | undefined;
}

/** One entry of the log. */
export type BreakerEntry =
  | { readonly kind: 'stopped'; readonly standstill: Standstill }
  | { readonly kind: 'ordered'; readonly order: GoOnOrder }
  /** It runs again; or, with a reason, it does not exist any more. */
  | {
      readonly kind: 'running';
      readonly unit: string;
      readonly at: number;
      readonly by?: string;
      readonly why?: string;
    };

export const unitOfStep = (step: string, partition: number): string => `${step}/${partition}`;

/** The topics and partitions of a sink stand still one by one. */
export const unitOfSink = (sink: string, topic: string, partition: number): string =>
  `${sink}/${topic}/${partition}`;

const unitOf = (entry: BreakerEntry): string =>
  entry.kind === 'stopped' ? entry.standstill.unit : entry.kind === 'ordered' ? entry.order.unit : entry.unit;

export class BreakerLog {
  readonly #transport: Transport;
  readonly #topic: string;

  constructor(transport: Transport, topic: string) {
    this.#transport = transport;
    this.#topic = topic;
  }

  /** What the log says now, by unit. */
  async read(): Promise<ReadonlyMap<string, BreakerState>> {
    const states = new Map<string, BreakerState>();
    for (const entry of await this.entries()) apply(states, entry);
    return states;
  }

  /** All entries; those of one unit are in order. */
  async entries(): Promise<readonly BreakerEntry[]> {
    const entries: BreakerEntry[] = [];
    for (const [partition] of await this.#transport.endOffsets(this.#topic))
      await this.#transport.read({ topic: this.#topic, partition }, (records) => {
        for (const { value } of records) {
          const entry = value === null ? undefined : parseEntry(value);
          if (entry !== undefined) entries.push(entry);
        }
      });
    return entries;
  }

  /** What stands still now. */
  async standstills(): Promise<readonly Standstill[]> {
    return [...(await this.read()).values()].flatMap(({ standstill }) => standstill ?? []);
  }

  /** Changes whenever something is written. */
  async version(): Promise<string> {
    return [...(await this.#transport.endOffsets(this.#topic)).values()].join();
  }

  async stopped(standstill: Standstill): Promise<void> {
    await this.#write({ kind: 'stopped', standstill });
  }

  async order(order: GoOnOrder): Promise<void> {
    await this.#write({ kind: 'ordered', order });
  }

  async running(unit: string): Promise<void> {
    await this.#write({ kind: 'running', unit, at: Date.now() });
  }

  /** An operator says that the unit does not exist any more, such as a step that no role runs. */
  async forget(unit: string, by: string, why: string): Promise<void> {
    await this.#write({ kind: 'running', unit, at: Date.now(), by, why });
  }

  /** The entry that a unit runs again, to be written together with its progress. */
  runningRecord(unit: string): ProducerRecord {
    return toRecord(this.#topic, { kind: 'running', unit, at: Date.now() });
  }

  async #write(entry: BreakerEntry): Promise<void> {
    const producer = await this.#transport.producer();
    try {
      await producer.send([toRecord(this.#topic, entry)]);
    } finally {
      await producer.close();
    }
  }
}

const toRecord = (topic: string, entry: BreakerEntry): ProducerRecord => ({
  topic,
  key: unitOf(entry),
  value: Buffer.from(JSON.stringify(entry)),
  timestamp: Date.now(),
});

/** Of a unit about which the log says nothing. */
export const noBreakerState: BreakerState = { until: {}, standstill: undefined, order: undefined };

function apply(states: Map<string, BreakerState>, entry: BreakerEntry): void {
  const unit = unitOf(entry);
  const before = states.get(unit) ?? noBreakerState;
  switch (entry.kind) {
    case 'stopped':
      states.set(unit, { ...before, standstill: entry.standstill });
      break;
    case 'ordered':
      states.set(unit, { ...before, order: entry.order, until: furthest(before.until, entry.order.until) });
      break;
    case 'running':
      states.set(unit, { ...before, standstill: undefined });
  }
}

function furthest(one: BreakerState['until'], other: BreakerState['until']): BreakerState['until'] {
  const until = { ...one };
  for (const [topic, offset] of Object.entries(other)) until[topic] = Math.max(until[topic] ?? 0, offset);
  return until;
}

/** Returns undefined for bytes that are no entry, which another program may have written. */
function parseEntry(bytes: Buffer): BreakerEntry | undefined {
  const json = parseJsonObject(bytes.toString());
  return isEntry(json) ? json : undefined;
}

function isEntry(json: unknown): json is BreakerEntry {
  if (!isJsonObject(json)) return false;
  const { kind, unit, standstill, order } = json;
  switch (kind) {
    case 'stopped':
      return (
        isJsonObject(standstill) &&
        hasTexts(standstill, 'unit', 'step', 'why', 'topic') &&
        hasNumbers(standstill, 'partition', 'since') &&
        Array.isArray(standstill['positions']) &&
        standstill['positions'].every(
          (each) => isJsonObject(each) && hasTexts(each, 'topic') && hasNumbers(each, 'offset'),
        )
      );
    case 'ordered':
      return (
        isJsonObject(order) &&
        hasTexts(order, 'unit', 'by', 'why') &&
        hasNumbers(order, 'at') &&
        isJsonObject(order['until']) &&
        hasNumbers(order['until'], ...Object.keys(order['until']))
      );
    case 'running':
      return typeof unit === 'string';
    default:
      return false;
  }
}

const hasTexts = (json: JsonObject, ...names: readonly string[]): boolean =>
  names.every((name) => typeof json[name] === 'string');

const hasNumbers = (json: JsonObject, ...names: readonly string[]): boolean =>
  names.every((name) => typeof json[name] === 'number');
