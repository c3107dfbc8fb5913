/**
 * Which partitions of an app stand still because records or the state that they need are gone, and which records its steps have
 * left out. An operator decides by moving the committed position (`acceptGaps`), or by moving the state to another number of
 * partitions. So the app finds the decision where it looks anyway when it takes a partition over.
 */
import type { Stage } from './chain.ts';
import { StreamError, type StreamErrorCode } from './errors.ts';
import type { Observer, StreamLog } from './observer.ts';
import type { Gap } from './position-note.ts';
import { findPositions } from './positions.ts';
import { describeGap, needsDecision, StoppedAtGap } from './stopped-at-gap.ts';
import { partitionKey, type TopicPartition, type Transport } from './transport.ts';

export interface Halt {
  readonly partition: number;
  readonly code: StreamErrorCode;
  readonly why: string;
  /** ms since the epoch */
  readonly since: number;
}

export interface GapHaltsOptions {
  readonly stages: readonly Stage[];
  readonly groupOf: (step: string) => string;
  readonly transport: Transport;
  readonly observer: Observer;
  readonly log: StreamLog;
  /** The partition could be opened now. */
  readonly onSettled: (partition: number) => void;
}

/** Number of gaps that `notices` tells; the log and the metric have all. */
const mostNotices = 5;

export class GapHalts {
  readonly #options: GapHaltsOptions;
  readonly #halts = new Map<number, Halt>();
  readonly #leftOut = new Map<string, string>();

  constructor(options: GapHaltsOptions) {
    this.#options = options;
  }

  get halts(): readonly Halt[] {
    return [...this.#halts.values()];
  }

  /** @returns false when the error is not for an operator to decide */
  halt(partition: number, error: unknown): boolean {
    if (!(error instanceof StreamError && needsDecision.has(error.code))) return false;
    const { code, message: why } = error;
    if (this.#halts.get(partition)?.why === why) return true;
    this.#halts.set(partition, { partition, code, why, since: Date.now() });
    const { stages, log, observer } = this.#options;
    log.error(
      { step: stages.map(({ step }) => step).join(' → '), partition, code, cause: why },
      'a task stands still',
    );
    if (error instanceof StoppedAtGap) observer.gap?.(error.step, error.source, error.gap);
    return true;
  }

  /** The partition is processed again. */
  release(partition: number): void {
    this.#halts.delete(partition);
  }

  /** Other partitions belong to other members now. */
  retain(partitions: ReadonlySet<number>): void {
    for (const partition of [...this.#halts.keys()])
      if (!partitions.has(partition)) this.#halts.delete(partition);
  }

  /** One sentence per reason, with the partitions. */
  get why(): string | undefined {
    if (this.#halts.size === 0) return undefined;
    const sentences = [...Map.groupBy(this.#halts.values(), ({ why }) => why)].map(([why, halts]) => {
      const numbers = halts.map(({ partition }) => partition).sort((a, b) => a - b);
      const since = new Date(Math.min(...halts.map((halt) => halt.since))).toISOString();
      return `${numbers.length === 1 ? 'partition' : 'partitions'} ${numbers.join(', ')} since ${since}: ${why}`;
    });
    return sentences.join('; ');
  }

  /** A step goes on without records. Says so once. */
  leftOut(step: string, source: TopicPartition, gap: Gap): void {
    const { log, observer } = this.#options;
    const { reason, from, to } = gap;
    const key = `${step} ${partitionKey(source)} ${reason} ${from}`;
    if (this.#leftOut.has(key)) return;
    const what = describeGap(step, source, gap);
    this.#leftOut.set(key, `${what}; it goes on without them`);
    observer.gap?.(step, source, gap);
    log.error({ step, ...source, reason, from, to }, `${what}; it goes on without them`);
  }

  /** The latest gaps that the steps have left out, one sentence each. */
  get notices(): readonly string[] {
    return [...this.#leftOut.values()].slice(-mostNotices);
  }

  /** Looks whether one of the partitions that stand still can be opened now. */
  async look(): Promise<void> {
    for (const { partition, code } of this.#halts.values())
      if (code !== 'STATE_UNREADABLE' && (await this.#isSettled(partition))) {
        this.#options.onSettled(partition);
        return;
      }
  }

  async #isSettled(partition: number): Promise<boolean> {
    const { stages, groupOf, transport } = this.#options;
    try {
      const { positions } = await findPositions(stages, partition, groupOf, transport);
      return positions.every(({ gap, goesOn }) => gap === undefined || goesOn);
    } catch (error) {
      if (error instanceof StreamError && error.code === 'TOPIC_MISMATCH') return false;
      throw error;
    }
  }
}
